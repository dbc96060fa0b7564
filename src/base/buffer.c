/* Growing text in memory for writers. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "fault.h"
#include "restage/files.h"
#include "restage/text.h"

/* Room for bytes more and a terminating 0. */
static bool reserve(rs_buffer *buffer, size_t bytes)
{
    if (buffer->failed || bytes > SIZE_MAX / 4) {
        buffer->failed = true;
        return false;
    }
    size_t need = buffer->bytes + bytes + 1;
    if (need <= buffer->capacity) return true;
    size_t capacity = buffer->capacity ? buffer->capacity * 2 : 4096;
    if (capacity < need) capacity = need;
    char *data = rs_fault_allocation() ? NULL : realloc(buffer->data, capacity);
    if (!data) {
        buffer->failed = true;
        return false;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

void rs_buffer_add(rs_buffer *buffer, const void *data, size_t bytes)
{
    if (!reserve(buffer, bytes)) return;
    if (bytes) memcpy(buffer->data + buffer->bytes, data, bytes);
    buffer->bytes += bytes;
    buffer->data[buffer->bytes] = 0;
}

void rs_buffer_text(rs_buffer *buffer, const char *text)
{
    rs_buffer_add(buffer, text, strlen(text));
}

void rs_buffer_printf(rs_buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = rs_text_vformat(NULL, 0, format, arguments);
    if (length < 0) {
        buffer->failed = true;
    } else if (reserve(buffer, (size_t)length)) {
        rs_text_vformat(buffer->data + buffer->bytes, (size_t)length + 1, format, again);
        buffer->bytes += (size_t)length;
    }
    va_end(again);
    va_end(arguments);
}

void rs_buffer_free(rs_buffer *buffer)
{
    free(buffer->data);
    *buffer = (rs_buffer){NULL, 0, 0, false};
}
