/* Seconds that ITK's GDCMSeriesFileNames takes to sort a folder into series. */
#include <chrono>
#include <cstdio>

#include "itkGDCMSeriesFileNames.h"

int main(int argc, char **argv)
{
    if (argc != 2) return 64;
    const auto start = std::chrono::steady_clock::now();
    auto names = itk::GDCMSeriesFileNames::New();
    names->SetUseSeriesDetails(true);
    names->SetDirectory(argv[1]);
    size_t files = 0;
    const auto &series = names->GetSeriesUIDs();
    for (const auto &uid : series)
        files += names->GetFileNames(uid).size();
    std::printf("%.6f %zu series, %zu files\n",
                std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), series.size(), files);
    return 0;
}
