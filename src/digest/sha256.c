/* SHA-256 over OpenSSL's EVP. */
#include "digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdint.h>

#include "restage/context.h"

static void to_hex(const unsigned char digest[32], char out[65])
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < 32; i++) {
        out[2 * i] = digits[digest[i] >> 4];
        out[2 * i + 1] = digits[digest[i] & 15];
    }
    out[64] = 0;
}

rs_status rs_sha256_hex(rs_context *ctx, const void *data, size_t bytes, char out[65])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    if (EVP_Digest(bytes ? data : "", bytes, digest, NULL, EVP_sha256(), NULL) != 1)
        return rs_fail_memory(ctx, "a SHA-256 digest");
    to_hex(digest, out);
    return RS_OK;
}

rs_status rs_sha256_new(rs_context *ctx, rs_sha256 **out)
{
    EVP_MD_CTX *state = EVP_MD_CTX_new();
    if (!state || EVP_DigestInit_ex(state, EVP_sha256(), NULL) != 1) {
        EVP_MD_CTX_free(state);
        return rs_fail_memory(ctx, "a SHA-256 digest");
    }
    *out = (rs_sha256 *)state;
    return RS_OK;
}

rs_status rs_sha256_add(rs_context *ctx, rs_sha256 *sha, const void *data, size_t bytes)
{
    if (bytes && EVP_DigestUpdate((EVP_MD_CTX *)sha, data, bytes) != 1) return rs_fail_memory(ctx, "a SHA-256 digest");
    return RS_OK;
}

rs_status rs_sha256_finish(rs_context *ctx, rs_sha256 *sha, char out[65])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    int done = EVP_DigestFinal_ex((EVP_MD_CTX *)sha, digest, NULL);
    EVP_MD_CTX_free((EVP_MD_CTX *)sha);
    if (done != 1) return rs_fail_memory(ctx, "a SHA-256 digest");
    to_hex(digest, out);
    return RS_OK;
}

rs_status rs_hmac_sha256_hex(rs_context *ctx, const void *key, size_t n_key, const void *data, size_t bytes,
                             char out[65])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    if (!HMAC(EVP_sha256(), key, (int)n_key, data, bytes, digest, NULL))
        return rs_fail_memory(ctx, "a SHA-256 digest with a key");
    to_hex(digest, out);
    return RS_OK;
}

const char *rs_digest_library_version(void)
{
    return OpenSSL_version(OPENSSL_VERSION_STRING);
}
