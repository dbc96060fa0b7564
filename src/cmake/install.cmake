# What `cmake --install` puts in place: libraries, headers, the program, pkg-config and CMake config files. No file names
# the folder it was built in, and the tree may be moved after the install.
include(CMakePackageConfigHelpers)

function(rs_install_library name export)
  install(TARGETS ${name}-shared ${name}-static EXPORT ${export}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
endfunction()

function(rs_install_pc name)
  configure_file(src/cmake/${name}.pc.in ${CMAKE_BINARY_DIR}/generated/${name}.pc @ONLY)
  install(FILES ${CMAKE_BINARY_DIR}/generated/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()

foreach(room IN LISTS RS_ROOMS)
  foreach(h IN LISTS RS_PUBLIC_${room})
    if(IS_DIRECTORY ${CMAKE_SOURCE_DIR}/include/restage/${h})
      install(DIRECTORY include/restage/${h} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/restage FILES_MATCHING PATTERN *.h)
    else()
      install(FILES include/restage/${h} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/restage)
    endif()
  endforeach()
endforeach()

# Manual pages and the completion are printed by the program itself, from the tables behind --help; a program for another
# machine is not run.
function(rs_install_manual)
  if(CMAKE_CROSSCOMPILING)
    return()
  endif()
  set(table ${CMAKE_SOURCE_DIR}/src/cli/commands.def)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${table})
  file(STRINGS ${table} rows REGEX "^X\\(")
  set(folder ${CMAKE_BINARY_DIR}/generated/manual)
  file(MAKE_DIRECTORY ${folder})
  set(pages ${folder}/restage.1)
  add_custom_command(OUTPUT ${folder}/restage.1 COMMAND restage man > ${folder}/restage.1 DEPENDS restage VERBATIM)
  foreach(row IN LISTS rows)
    string(REGEX REPLACE "^X\\(([a-z0-9_]+),.*" "\\1" name "${row}")
    set(page ${folder}/restage-${name}.1)
    add_custom_command(OUTPUT ${page} COMMAND restage man ${name} > ${page} DEPENDS restage VERBATIM)
    list(APPEND pages ${page})
  endforeach()
  set(completion ${folder}/completion)
  add_custom_command(OUTPUT ${completion} COMMAND restage completion bash > ${completion} DEPENDS restage VERBATIM)
  add_custom_target(manual ALL DEPENDS ${pages} ${completion})
  install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  install(FILES ${completion} DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME restage)
endfunction()

# The way from the .pc file to the prefix: a fixed prefix would be wrong after `cmake --install --prefix X`.
file(RELATIVE_PATH RS_PC_PREFIX /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
string(REGEX REPLACE "/$" "" RS_PC_PREFIX "${RS_PC_PREFIX}")

set_target_properties(restage-kernels-shared PROPERTIES EXPORT_NAME kernels)
set_target_properties(restage-kernels-static PROPERTIES EXPORT_NAME kernels-static)
rs_install_library(restage-kernels restage-kernels-targets)
rs_install_pc(restage-kernels)
set(packages restage-kernels)
if(NOT RS_KERNELS_ONLY)
  set_target_properties(restage-shared PROPERTIES EXPORT_NAME restage)
  set_target_properties(restage-static PROPERTIES EXPORT_NAME restage-static)
  rs_install_library(restage restage-targets)
  rs_install_pc(restage)
  install(TARGETS restage RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(FILES src/packet/report.schema.json src/packet/context.schema.json src/packet/review.schema.json
    DESTINATION ${CMAKE_INSTALL_DATADIR}/restage)
  rs_install_manual()
  list(APPEND packages restage)
endif()

foreach(package IN LISTS packages)
  set(folder ${CMAKE_INSTALL_LIBDIR}/cmake/${package})
  install(EXPORT ${package}-targets NAMESPACE restage:: DESTINATION ${folder})
  configure_package_config_file(src/cmake/${package}-config.cmake.in
    ${CMAKE_BINARY_DIR}/generated/${package}-config.cmake INSTALL_DESTINATION ${folder})
  write_basic_package_version_file(${CMAKE_BINARY_DIR}/generated/${package}-config-version.cmake
    COMPATIBILITY SameMinorVersion)
  install(FILES ${CMAKE_BINARY_DIR}/generated/${package}-config.cmake
    ${CMAKE_BINARY_DIR}/generated/${package}-config-version.cmake DESTINATION ${folder})
endforeach()

install(FILES README.md CHANGELOG.md KNOWN_BUGS.md LICENSE NOTICE DESTINATION ${CMAKE_INSTALL_DOCDIR})
