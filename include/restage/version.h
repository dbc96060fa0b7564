/* Version of the library and of this build. */
#ifndef RESTAGE_VERSION_H
#define RESTAGE_VERSION_H

#include "restage/status.h"

#define RS_VERSION_MAJOR 0
#define RS_VERSION_MINOR 1
#define RS_VERSION_PATCH 0

/* Manufacturer and ManufacturerModelName of the DICOM objects that restage writes: by these its own are known again. */
#define RS_MANUFACTURER "restage project"
#define RS_MODEL "restage"

#ifdef __cplusplus
extern "C" {
#endif

/** Version of the library that was loaded, as "major.minor.patch"; static, never NULL; any thread. */
RS_API const char *rs_version(void);

/** Commit the library was built from, "-dirty" behind it where the tree had changes, or "unknown"; static; any thread.
 */
RS_API const char *rs_version_commit(void);

#ifdef __cplusplus
}
#endif
#endif
