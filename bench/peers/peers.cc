/* The ITK peer (5.2): one filter a process, threads set by both setters. See peer.h for the command line. The filter is
   made once; each timed call is its Update after Modified, into the output that it already has. */
#include "peer.h"

#include <cmath>

#include <itkBSplineInterpolateImageFunction.h>
#include <itkBinaryMorphologicalClosingImageFilter.h>
#include <itkConnectedComponentImageFilter.h>
#include <itkDiscreteGaussianImageFilter.h>
#include <itkFlatStructuringElement.h>
#include <itkIdentityTransform.h>
#include <itkLaplacianRecursiveGaussianImageFilter.h>
#include <itkLinearInterpolateImageFunction.h>
#include <itkMultiThreaderBase.h>
#include <itkResampleImageFilter.h>
#include <itkSignedMaurerDistanceMapImageFilter.h>
#include <itkSmoothingRecursiveGaussianImageFilter.h>
#include <itkVersion.h>

namespace
{
using int16_image = itk::Image<short, 3>;
using float_image = itk::Image<float, 3>;
using byte_image = itk::Image<unsigned char, 3>;
using label_image = itk::Image<unsigned int, 3>;

template <typename Image> typename Image::Pointer new_image(const int n[3], const double spacing[3])
{
    auto image = Image::New();
    image->SetRegions(typename Image::SizeType{static_cast<itk::SizeValueType>(n[0]),
                                               static_cast<itk::SizeValueType>(n[1]),
                                               static_cast<itk::SizeValueType>(n[2])});
    image->SetSpacing(spacing);
    image->Allocate();
    return image;
}

template <typename Image> typename Image::Pointer volume(const peer_input &in, const char *name)
{
    auto image = new_image<Image>(in.n, in.spacing);
    size_t bytes = peer_voxels(&in) * sizeof(typename Image::PixelType);
    void *data = peer_file(&in, name, bytes);
    memcpy(image->GetBufferPointer(), data, bytes);
    free(data);
    return image;
}

template <typename Filter> void time_calls(const peer_input &in, Filter *filter)
{
    for (int c = in.calls > 0 ? -1 : 0; c < (in.calls > 0 ? in.calls : 1); c++) {
        filter->Modified();
        double cpu = peer_clock(CLOCK_PROCESS_CPUTIME_ID), wall = peer_clock(CLOCK_MONOTONIC);
        filter->Update();
        cpu = peer_clock(CLOCK_PROCESS_CPUTIME_ID) - cpu;
        if (c >= 0) printf("time %.6f %.6f\n", cpu, peer_clock(CLOCK_MONOTONIC) - wall);
    }
    auto *image = filter->GetOutput();
    peer_keep(&in, image->GetBufferPointer(), image->GetPixelContainer()->Size() * sizeof(*image->GetBufferPointer()));
}

void gauss_recursive(const peer_input &in)
{
    using filter_type = itk::SmoothingRecursiveGaussianImageFilter<int16_image, float_image>;
    auto filter = filter_type::New();
    filter_type::SigmaArrayType sigma;
    for (int a = 0; a < 3; a++)
        sigma[a] = 2 * in.spacing[a];
    filter->SetInput(volume<int16_image>(in, "vol.raw"));
    filter->SetSigmaArray(sigma);
    time_calls(in, filter.GetPointer());
}

void gauss_discrete(const peer_input &in)
{
    auto filter = itk::DiscreteGaussianImageFilter<int16_image, float_image>::New();
    filter->SetInput(volume<int16_image>(in, "vol.raw"));
    filter->SetUseImageSpacing(false);
    filter->SetVariance(4);
    time_calls(in, filter.GetPointer());
}

void laplace(const peer_input &in)
{
    const int n[3] = {in.side, in.side, in.side};
    const double one[3] = {1, 1, 1};
    auto cube = new_image<float_image>(n, one);
    size_t voxels = static_cast<size_t>(in.side) * in.side * in.side;
    auto *data = static_cast<short *>(peer_file(&in, "cube.raw", voxels * 2));
    for (size_t v = 0; v < voxels; v++)
        cube->GetBufferPointer()[v] = data[v];
    auto filter = itk::LaplacianRecursiveGaussianImageFilter<float_image, float_image>::New();
    filter->SetInput(cube);
    filter->SetSigma(2);
    time_calls(in, filter.GetPointer());
}

/* labels-MASK-CONNECTIVITY */
void labels(const peer_input &in)
{
    char mask[64];
    int connectivity;
    if (sscanf(in.job, "%*[a-z]-%40[a-z]-%d", mask, &connectivity) != 2) peer_die("no such job:", in.job);
    strcat(mask, ".raw");
    auto filter = itk::ConnectedComponentImageFilter<byte_image, label_image>::New();
    filter->SetInput(volume<byte_image>(in, mask));
    filter->SetFullyConnected(connectivity == 26);
    time_calls(in, filter.GetPointer());
}

/* Positive outside the object, to the object's border voxels: so the object is what is not measured. Squared mm. */
void distance(const peer_input &in)
{
    auto filter = itk::SignedMaurerDistanceMapImageFilter<byte_image, float_image>::New();
    filter->SetInput(volume<byte_image>(in, strcmp(in.job, "distance-far") == 0 ? "lung.raw" : "outside.raw"));
    filter->SetUseImageSpacing(true);
    filter->SetSquaredDistance(true);
    time_calls(in, filter.GetPointer());
}

/* Every offset within 10 mm. */
void ball(const peer_input &in)
{
    using element_type = itk::FlatStructuringElement<3>;
    element_type element;
    element_type::RadiusType radius;
    for (int a = 0; a < 3; a++)
        radius[a] = static_cast<itk::SizeValueType>(10 / in.spacing[a]);
    element.SetRadius(radius);
    for (unsigned e = 0; e < element.Size(); e++) {
        double r2 = 0;
        for (int a = 0; a < 3; a++)
            r2 += std::pow(element.GetOffset(e)[a] * in.spacing[a], 2);
        element[e] = r2 <= 100;
    }
    auto filter = itk::BinaryMorphologicalClosingImageFilter<byte_image, byte_image, element_type>::New();
    filter->SetInput(volume<byte_image>(in, "lung.raw"));
    filter->SetKernel(element);
    filter->SetForegroundValue(1);
    filter->SetSafeBorder(false);
    time_calls(in, filter.GetPointer());
}

void resample(const peer_input &in)
{
    auto filter = itk::ResampleImageFilter<int16_image, float_image>::New();
    filter->SetInput(volume<int16_image>(in, "vol.raw"));
    filter->SetTransform(itk::IdentityTransform<double, 3>::New());
    if (strcmp(in.job, "resample-cubic") == 0) {
        auto cubic = itk::BSplineInterpolateImageFunction<int16_image, double, float>::New();
        cubic->SetSplineOrder(3);
        filter->SetInterpolator(cubic);
    } else {
        filter->SetInterpolator(itk::LinearInterpolateImageFunction<int16_image, double>::New());
    }
    float_image::SizeType size;
    double origin[3], spacing[3];
    for (int a = 0; a < 3; a++) {
        size[a] = static_cast<itk::SizeValueType>(peer_resampled(&in, a));
        origin[a] = peer_offset_mm;
        spacing[a] = peer_step_mm;
    }
    filter->SetSize(size);
    filter->SetOutputOrigin(origin);
    filter->SetOutputSpacing(spacing);
    time_calls(in, filter.GetPointer());
}
} // namespace

int main(int argc, char **argv)
{
    const struct {
        const char *prefix;
        void (*run)(const peer_input &in);
    } jobs[] = {{"gauss-recursive", gauss_recursive},
                {"gauss-discrete", gauss_discrete},
                {"laplace", laplace},
                {"labels-", labels},
                {"distance", distance},
                {"ball", ball},
                {"resample-", resample}};
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        printf("%s\n", itk::Version::GetITKVersion());
        return 0;
    }
    peer_input in;
    peer_start(argc, argv, &in);
    itk::MultiThreaderBase::SetGlobalMaximumNumberOfThreads(static_cast<itk::ThreadIdType>(in.threads));
    itk::MultiThreaderBase::SetGlobalDefaultNumberOfThreads(static_cast<itk::ThreadIdType>(in.threads));
    for (const auto &job : jobs)
        if (strncmp(in.job, job.prefix, strlen(job.prefix)) == 0) {
            job.run(in);
            peer_end();
            return 0;
        }
    peer_die("no such job:", in.job);
}
