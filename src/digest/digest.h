/* SHA-256 behind one small room, so that librestage-kernels links no crypto library. */
#ifndef DIGEST_DIGEST_H
#define DIGEST_DIGEST_H

#include <stddef.h>

#include "restage/status.h"

typedef struct rs_sha256 rs_sha256;
struct rs_context;

/** Digest of bytes as 64 hex digits and a 0. RS_OK; RS_NO_MEMORY. */
RS_MUST_USE rs_status rs_sha256_hex(struct rs_context *ctx, const void *data, size_t bytes, char out[65]);

/** In pieces: new, add …, finish (frees it, also on failure). */
RS_MUST_USE rs_status rs_sha256_new(struct rs_context *ctx, rs_sha256 **out);
RS_MUST_USE rs_status rs_sha256_add(struct rs_context *ctx, rs_sha256 *sha, const void *data, size_t bytes);
RS_MUST_USE rs_status rs_sha256_finish(struct rs_context *ctx, rs_sha256 *sha, char out[65]);

/** HMAC (RFC 2104) with SHA-256 of bytes under a secret, as 64 hex digits and a 0. RS_OK; RS_NO_MEMORY. */
RS_MUST_USE rs_status rs_hmac_sha256_hex(struct rs_context *ctx, const void *key, size_t n_key, const void *data,
                                         size_t bytes, char out[65]);

/** The UID of a digest: "2.25." and its first 128 bits in decimal (PS3.5 B.2). */
void rs_digest_uid(const char hex[65], char out[48]);

/** Version of the crypto library that was loaded, as "3.0.22"; static. */
const char *rs_digest_library_version(void);

#endif
