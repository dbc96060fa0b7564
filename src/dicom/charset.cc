#include "charset.h"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <vector>

#include <iconv.h>

namespace
{
const char replacement[] = "\xef\xbf\xbd";

/* A set that an escape sequence calls up; left: it stands for the bytes below 0x80. */
struct code_set {
    const char *escape; /* without ESC */
    const char *term;   /* the number of its defined term */
    const char *iconv;  /* NULL: ASCII */
    bool left;
    int bytes;        /* of a character */
    const char *lead; /* what iconv wants before each character */
};

// clang-format off
const code_set sets_known[] = {
    {"(B",  "6",   nullptr,       true,  1, ""},
    {"(J",  "13",  nullptr,       true,  1, ""},
    {")I",  "13",  "SHIFT_JIS",   false, 1, ""},
    {"$B",  "87",  "EUC-JP",      true,  2, ""},
    {"$@",  "87",  "EUC-JP",      true,  2, ""},
    {"$(D", "159", "EUC-JP",      true,  2, "\x8f"},
    {"$)C", "149", "EUC-KR",      false, 2, ""},
    {"$)A", "58",  "GB2312",      false, 2, ""},
    {"-A",  "100", "ISO-8859-1",  false, 1, ""},
    {"-B",  "101", "ISO-8859-2",  false, 1, ""},
    {"-C",  "109", "ISO-8859-3",  false, 1, ""},
    {"-D",  "110", "ISO-8859-4",  false, 1, ""},
    {"-L",  "144", "ISO-8859-5",  false, 1, ""},
    {"-G",  "127", "ISO-8859-6",  false, 1, ""},
    {"-F",  "126", "ISO-8859-7",  false, 1, ""},
    {"-H",  "138", "ISO-8859-8",  false, 1, ""},
    {"-M",  "148", "ISO-8859-9",  false, 1, ""},
    {"-b",  "203", "ISO-8859-15", false, 1, ""},
    {"-T",  "166", "TIS-620",     false, 1, ""},
};
// clang-format on

/* A conversion descriptor, closed at its end. */
class converter
{
  public:
    explicit converter(const char *from) : handle(iconv_open("UTF-8", from)) {}
    ~converter()
    {
        if (is_open()) iconv_close(handle);
    }
    converter(const converter &) = delete;
    converter &operator=(const converter &) = delete;

    bool is_open() const
    {
        return handle != reinterpret_cast<iconv_t>(-1);
    }

    /* What stands for nothing costs `step` bytes and becomes one U+FFFD. */
    void append(const std::string &bytes, size_t step, std::string &out)
    {
        std::vector<char> in(bytes.begin(), bytes.end());
        char *at = in.data();
        size_t left = in.size();
        while (left > 0) {
            char buffer[256];
            char *to = buffer;
            size_t room = sizeof(buffer);
            const size_t done = is_open() ? iconv(handle, &at, &left, &to, &room) : static_cast<size_t>(-1);
            out.append(buffer, static_cast<size_t>(to - buffer));
            if (done != static_cast<size_t>(-1) || (is_open() && errno == E2BIG)) continue;
            const size_t lost = left < step ? left : step;
            at += lost;
            left -= lost;
            out += replacement;
            if (is_open()) iconv(handle, nullptr, nullptr, nullptr, nullptr);
        }
    }

  private:
    iconv_t handle;
};

/* The number behind "ISO_IR " or "ISO 2022 IR ", however it is written; "" where there is none. */
std::string term_number(const std::string &term)
{
    size_t end = term.size();
    while (end > 0 && term[end - 1] == ' ')
        end--;
    size_t begin = end;
    while (begin > 0 && term[begin - 1] >= '0' && term[begin - 1] <= '9')
        begin--;
    return term.compare(0, 3, "ISO") == 0 ? term.substr(begin, end - begin) : "";
}

const code_set *by_term(const std::string &number)
{
    const code_set *found = nullptr;
    for (const code_set &set : sets_known) {
        if (number == set.term && (!found || !set.left)) found = &set;
    }
    return found;
}

/* What the two halves of the code table stand for. */
struct halves {
    const code_set *left = nullptr, *right = nullptr; /* NULL: ASCII; nothing */
};

halves initial(const std::string &sets)
{
    halves start;
    const std::string first = sets.substr(0, sets.find('\\'));
    const code_set *set = by_term(term_number(first));
    if (!set) return start;
    if (!set->left) start.right = set;
    return start;
}

const code_set *by_escape(const std::string &text, size_t at)
{
    const code_set *found = nullptr;
    for (const code_set &set : sets_known) {
        if (text.compare(at, std::strlen(set.escape), set.escape) == 0) found = &set;
    }
    return found;
}

/* One run of bytes of one half, as its set has them. */
void append_run(const code_set *set, const std::string &run, bool right, std::string &out)
{
    if (!set || !set->iconv) {
        for (const char c : run) {
            if (right)
                out += replacement;
            else
                out += c;
        }
        return;
    }
    std::string bytes;
    for (size_t i = 0; i < run.size(); i += static_cast<size_t>(set->bytes)) {
        bytes += set->lead;
        for (size_t b = i; b < run.size() && b < i + static_cast<size_t>(set->bytes); b++)
            bytes += static_cast<char>(static_cast<unsigned char>(run[b]) | 0x80);
    }
    converter conversion(set->iconv);
    conversion.append(bytes, std::strlen(set->lead) + static_cast<size_t>(set->bytes), out);
}

bool ends_escapes(char c, bool is_name)
{
    return c == '\\' || c == '\r' || c == '\n' || c == '\f' || c == '\t' || (is_name && (c == '^' || c == '='));
}

/* ISO 2022 with code extensions, one half at a time (PS3.5 6.1.2.5). */
std::string by_escapes(const std::string &sets, const std::string &text, bool is_name)
{
    const halves start = initial(sets);
    halves now = start;
    std::string out;
    for (size_t i = 0; i < text.size();) {
        const code_set *called = text[i] == '\033' ? by_escape(text, i + 1) : nullptr;
        if (called) {
            (called->left ? now.left : now.right) = called;
            i += 1 + std::strlen(called->escape);
            continue;
        }
        const bool right = static_cast<unsigned char>(text[i]) >= 0x80;
        const code_set *set = right ? now.right : now.left;
        const bool wide = set && set->iconv && set->bytes > 1;
        if (text[i] == '\033') {
            out += replacement;
            i++;
            continue;
        }
        if (!right && !wide && ends_escapes(text[i], is_name)) now = start;
        size_t end = i + 1;
        /* A character of two bytes may hold what looks like a delimiter; controls and blanks are never part of one. */
        while (end < text.size() && text[end] != '\033' && (static_cast<unsigned char>(text[end]) >= 0x80) == right &&
               (right || wide ? text[end] > 0x20 || right : false))
            end++;
        if (wide && !right && static_cast<unsigned char>(text[i]) <= 0x20)
            out += text[i];
        else
            append_run(set, text.substr(i, end - i), right, out);
        i = end;
    }
    return out;
}
} // namespace

std::string charset_to_utf8(const std::string &sets, const std::string &text, bool is_name)
{
    const std::string first = sets.substr(0, sets.find('\\'));
    const char *whole = nullptr;
    if (first.find("192") != std::string::npos || first.find("UTF") != std::string::npos)
        whole = "UTF-8";
    else if (first.compare(0, 2, "GB") == 0)
        whole = "GB18030"; /* GBK is a part of it */
    if (!whole) return by_escapes(sets, text, is_name);
    std::string out;
    converter conversion(whole);
    conversion.append(text, 1, out);
    return out;
}
