/* Reads report.sr.dcm and lesions.seg.dcm of a packet with the parsers of a web viewer (dcmjs, @cornerstonejs/adapters)
   and prints what they made of it as JSON: node read.mjs PACKET FOLDER-OF-IMAGES */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/* The parsers look for a browser, and talk. */
globalThis.self = globalThis.window = globalThis;
console.log = console.info = console.warn = console.debug = (...said) => process.stderr.write(said.join(' ') + '\n');

const dcmjs = (await import('dcmjs')).default;
const { metaData } = await import('@cornerstonejs/core');
const { adaptersSR, adaptersSEG } = await import('@cornerstonejs/adapters');

const [packet, folder] = process.argv.slice(2);
const first = (value) => (Array.isArray(value) ? value[0] : value);

function bytesOf(path) {
    const data = readFileSync(path);
    return data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);
}

function parse(path) {
    const message = dcmjs.data.DicomMessage.readFile(bytesOf(path));
    const dataset = dcmjs.data.DicomMetaDictionary.naturalizeDataset(message.dict);
    dataset._meta = dcmjs.data.DicomMetaDictionary.namifyDataset(message.meta);
    return dataset;
}

/* Every image, or frame of an image, by the id that a viewer gives it. */
const planes = new Map();

function addPlane(image, frame) {
    const shared = first(image.SharedFunctionalGroupsSequence);
    const own = frame ? image.PerFrameFunctionalGroupsSequence[frame - 1] : null;
    const group = (name) => (frame ? first(own[name] ?? shared[name]) : image);
    planes.set(`wadors:${image.SOPInstanceUID}/frames/${frame || 1}`, {
        image,
        frame,
        position: group('PlanePositionSequence').ImagePositionPatient.map(Number),
        directions: group('PlaneOrientationSequence').ImageOrientationPatient.map(Number),
        spacing: group('PixelMeasuresSequence').PixelSpacing.map(Number),
    });
}

for (const name of readdirSync(folder).sort()) {
    let image;
    try {
        image = parse(join(folder, name));
    } catch {
        continue; /* no DICOM */
    }
    if (!image.Rows) continue;
    if (image.NumberOfFrames > 1) for (let f = 1; f <= image.NumberOfFrames; f++) addPlane(image, f);
    else addPlane(image, 0);
}

function provide(type, id) {
    const plane = planes.get(id);
    if (!plane) return undefined;
    const { image, frame, position, directions, spacing } = plane;
    const modules = {
        imagePlaneModule: {
            imagePositionPatient: position,
            imageOrientationPatient: directions,
            rowCosines: directions.slice(0, 3),
            columnCosines: directions.slice(3),
            rowPixelSpacing: spacing[0],
            columnPixelSpacing: spacing[1],
            rows: image.Rows,
            columns: image.Columns,
            frameOfReferenceUID: image.FrameOfReferenceUID,
        },
        generalSeriesModule: { modality: image.Modality, seriesInstanceUID: image.SeriesInstanceUID },
        generalImageModule: { sopInstanceUID: image.SOPInstanceUID },
        imagePixelModule: {
            rows: image.Rows,
            columns: image.Columns,
            pixelRepresentation: 0,
            bitsAllocated: 16,
            bitsStored: 16,
            samplesPerPixel: 1,
            photometricInterpretation: 'MONOCHROME2',
        },
        instance: {
            ...image,
            frameNumber: frame || undefined,
            ImagePositionPatient: position,
            ImageOrientationPatient: directions,
            PixelSpacing: spacing,
        },
        frameNumber: frame || 1,
    };
    return modules[type];
}

function measurements() {
    const ids = Object.fromEntries(
        [...planes].map(([id, { image, frame }]) => [`${image.SOPInstanceUID}:${frame || 1}`, id]),
    );
    const report = parse(join(packet, 'report.sr.dcm'));
    const tools = adaptersSR.Cornerstone3D.MeasurementReport.generateToolState(report, ids, { get: provide });
    return Object.entries(tools).flatMap(([tool, found]) =>
        found.map(({ TrackingUniqueIdentifier, annotation }) => ({
            tool,
            uid: TrackingUniqueIdentifier,
            label: annotation.data.label,
            image: annotation.metadata.referencedImageId,
            points: annotation.data.handles.points.map((point) => Array.from(point)),
            axes: Object.values(annotation.data.cachedStats ?? {})[0],
        })),
    );
}

async function voxels() {
    const path = join(packet, 'lesions.seg.dcm');
    if (!existsSync(path)) return null;
    const read = await adaptersSEG.Cornerstone3D.Segmentation.createFromDICOMSegBuffer([...planes.keys()], bytesOf(path), {
        metadataProvider: { get: provide },
        tolerance: 1e-3,
    });
    const count = {};
    for (const image of read.labelMapImages.flat())
        for (const segment of image.voxelManager.getScalarData())
            if (segment) count[segment] = (count[segment] ?? 0) + 1;
    return count;
}

metaData.addProvider(provide, 10000);
process.stdout.write(JSON.stringify({ measurements: measurements(), voxels: await voxels() }) + '\n');
