# Writes version.c; the COMMIT file serves source archives that carry no git.
set(commit "unknown")
if(EXISTS ${SOURCE}/COMMIT)
  file(STRINGS ${SOURCE}/COMMIT commit LIMIT_COUNT 1)
else()
  execute_process(COMMAND git -c safe.directory=* -C ${SOURCE} describe --always --dirty --exclude=* OUTPUT_VARIABLE out RESULT_VARIABLE rc
                  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(rc EQUAL 0)
    set(commit "${out}")
  endif()
endif()
set(text "/* Generated at every build by src/cmake/version.cmake. */
#include \"restage/version.h\"

const char *rs_version(void) { return \"${VERSION}\"; }
const char *rs_version_commit(void) { return \"${commit}\"; }
")
set(old "")
if(EXISTS ${OUT})
  file(READ ${OUT} old)
endif()
if(NOT old STREQUAL text)
  file(WRITE ${OUT} "${text}")
endif()
