/* Seconds that DCMTK takes on one thread for the same: load, decode, copy with the rescale into int16. Slices in the
   order of their names. */
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "dcmtk/config/osconfig.h"
#include "dcmtk/dcmdata/dctk.h"
#include "dcmtk/dcmjpeg/djdecode.h"

int main(int argc, char **argv)
{
    if (argc != 2) return 64;
    std::vector<std::string> paths;
    for (const auto &entry : std::filesystem::directory_iterator(argv[1]))
        paths.push_back(entry.path().string());
    std::sort(paths.begin(), paths.end());
    DJDecoderRegistration::registerCodecs();
    dcmDataDict.isDictionaryLoaded();
    const size_t n = 512 * 512;
    const auto start = std::chrono::steady_clock::now();
    std::vector<int16_t> volume;
    volume.reserve(paths.size() * n);
    int16_t *out = volume.data();
    for (const std::string &path : paths) {
        DcmFileFormat file;
        if (file.loadFile(path.c_str()).bad()) return 1;
        DcmDataset *dataset = file.getDataset();
        if (dataset->chooseRepresentation(EXS_LittleEndianExplicit, nullptr).bad()) return 2;
        const Uint16 *words = nullptr;
        unsigned long got = 0;
        Float64 slope = 1, intercept = 0;
        Uint16 is_signed = 0;
        dataset->findAndGetFloat64(DCM_RescaleSlope, slope);
        dataset->findAndGetFloat64(DCM_RescaleIntercept, intercept);
        dataset->findAndGetUint16(DCM_PixelRepresentation, is_signed);
        if (dataset->findAndGetUint16Array(DCM_PixelData, words, &got).bad() || got < n) return 3;
        const int factor = int(slope), shift = int(intercept);
        for (size_t i = 0; i < n; i++)
            out[i] = int16_t((is_signed ? int16_t(words[i]) : int(words[i])) * factor + shift);
        out += n;
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    long long sum = 0;
    for (size_t i = 0; i < paths.size() * n; i++)
        sum += volume.data()[i];
    std::printf("%.6f %lld\n", seconds, sum);
    return 0;
}
