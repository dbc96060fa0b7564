# Every test is found by its name: tests/<room>/test_*.c (one program a file, sees what the room sees), tests/conformance,
# scripts in tests/cli, tests/golden, tests/install, and tests/house.sh. Exit code 77 means skipped.
set(RS_SHARED "" CACHE PATH "Folder of real data for tests; looked for beside the source tree if empty")
if(RS_SHARED)
  set(RS_SHARED_FOUND ${RS_SHARED})
elseif(IS_DIRECTORY ${CMAKE_SOURCE_DIR}/../shared/data)
  get_filename_component(RS_SHARED_FOUND ${CMAKE_SOURCE_DIR}/../shared/data ABSOLUTE)
endif()
find_package(cmocka CONFIG)
if(NOT cmocka_FOUND)
  message(WARNING "cmocka is not installed: the programs in tests/<room> are not built (libcmocka-dev)")
endif()

# CPU seconds of the long tests, rounded: ctest starts the longest first, or the last one would keep a core to itself where
# no earlier run left its times.
set(RS_COSTS
  cli_test_faults=220 conformance_test_field=120 conformance_test_filed=100 cli_test_real=100 cli_test_selftest=60
  cli_test_refusals=80 conformance_test_hostile_made=65 cli_test_send=60 cli_test_look_faults=80 pixelmed_test_pixelmed=80
  cli_test_words=20 cli_test_look=65 viewers_test_viewers=60 conformance_test_sr=85 conformance_test_hostile=50
  cli_test_insert=50 golden_test_valgrind=45 cli_test_same_bytes=40 cli_test_context=40 cli_test_review=40
  cli_test_recipe=35 cli_test_rerun=35 conformance_test_formats=35 cli_test_evaluate=35 test_phantom=35
  conformance_test_field_lungs=30 conformance_test_geometry=30 golden_test_packets=30 conformance_test_pages=30 test_lungs=25 cli_test_bench=25
  cli_test_ranker=25 test_modes_scanner=20 test_modes_tissue=18 cli_test_interrupt=18 cli_test_sandbox=18
  cli_test_export=18 cli_test_identity=16 test_codecs=14 test_fit=14 test_packet=14 test_detect=12)
foreach(row IN LISTS RS_COSTS)
  string(REPLACE "=" ";" row "${row}")
  list(GET row 0 name)
  list(GET row 1 RS_COST_${name})
endforeach()

function(rs_test name label command)
  add_test(NAME ${name} COMMAND ${command} ${ARGN})
  set(environment RESTAGE_SOURCE=${CMAKE_SOURCE_DIR} RESTAGE_BUILD=${CMAKE_BINARY_DIR} OMP_WAIT_POLICY=passive
      RS_SANITIZE=${RS_SANITIZE})
  if(RS_SHARED_FOUND)
    list(APPEND environment RESTAGE_SHARED=${RS_SHARED_FOUND})
  endif()
  if(TARGET pacs_archive)
    list(APPEND environment RS_ARCHIVE=$<TARGET_FILE:pacs_archive>)
  endif()
  if(TARGET restage)
    list(APPEND environment RESTAGE=$<TARGET_FILE:restage>)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS ${label} SKIP_RETURN_CODE 77 TIMEOUT 900
                       ENVIRONMENT "${environment}")
  if(DEFINED RS_COST_${name})
    set_tests_properties(${name} PROPERTIES COST ${RS_COST_${name}})
  endif()
endfunction()

# Rooms that a room needs at link time: those it names, and those that they name.
function(rs_closure room out)
  set(all ${room})
  foreach(u IN LISTS RS_USES_${room})
    rs_closure(${u} more)
    list(APPEND all ${more})
  endforeach()
  list(REMOVE_DUPLICATES all)
  set(${out} ${all} PARENT_SCOPE)
endfunction()

# Links these rooms, as one group whose order is of no account, and what they need of other libraries.
function(rs_link_rooms name rooms)
  set(archives "")
  set(libs "")
  foreach(r IN LISTS rooms)
    list(APPEND archives rs_${r}_archive)
    list(APPEND libs ${RS_LIBS_${r}})
    if(r STREQUAL "kernels")
      foreach(t IN LISTS RS_TIERS)
        list(APPEND archives rs_tier_${t}_archive)
      endforeach()
    elseif(r STREQUAL "dicom")
      set_target_properties(${name} PROPERTIES LINKER_LANGUAGE CXX)
    endif()
  endforeach()
  list(JOIN archives "," archives)
  target_link_libraries(${name} PRIVATE "$<LINK_GROUP:RESCAN,${archives}>" ${libs})
endfunction()

# A test program of the given views; it links these rooms and no other, so that a room can be built and tested while
# rooms behind it are not.
function(rs_test_program source label views rooms)
  get_filename_component(name ${source} NAME_WE)
  if(TARGET ${name})
    message(FATAL_ERROR "two tests have the name ${name}")
  endif()
  add_executable(${name} ${source})
  foreach(u IN LISTS views)
    target_include_directories(${name} PRIVATE ${CMAKE_BINARY_DIR}/rooms/${u})
  endforeach()
  rs_link_rooms(${name} "${rooms}")
  target_link_libraries(${name} PRIVATE rs_flags ${CMOCKA_LIBRARIES} m)
  target_link_options(${name} PRIVATE ${RS_QUICK_LINK})
  rs_test(${name} ${label} ${name})
  if(label STREQUAL "unit")
    add_dependencies(checked ${name})
  endif()
endfunction()

# All that tests of the labels unit and cli run, and nothing else: what the sanitizers' stage builds.
add_custom_target(checked)

# The other side of src/pacs: an archive that misbehaves on request.
if(NOT RS_KERNELS_ONLY)
  add_executable(pacs_archive ${CMAKE_SOURCE_DIR}/tests/pacs/archive.cc)
  target_link_libraries(pacs_archive PRIVATE rs_flags DCMTK::dcmnet DCMTK::dcmdata DCMTK::oflog DCMTK::ofstd)
  add_dependencies(checked restage pacs_archive)
endif()

if(cmocka_FOUND)
  foreach(room IN LISTS RS_ROOMS)
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${room}/test_*.c)
    rs_closure(${room} rooms)
    foreach(source IN LISTS sources)
      get_filename_component(name ${source} NAME_WE)
      # Many patients each: of the release stage alone; sanitizers see the same code in test_phantom.
      set(label unit)
      if(name MATCHES "^test_(modes_.*|lesions_recipe)$")
        set(label patients)
      endif()
      rs_test_program(${source} ${label} "${room};${RS_USES_${room}}" "${rooms}")
      target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/${RS_FOLDER_${room}})
    endforeach()
  endforeach()
  if(NOT RS_KERNELS_ONLY)
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/conformance/test_*.c)
    foreach(source IN LISTS sources)
      rs_test_program(${source} conformance "${RS_ROOMS}" "${RS_ROOMS}")
    endforeach()
    # Its calipers are nobody else's: the masks of files are measured with them.
    target_include_directories(test_nrrd_masks PRIVATE ${CMAKE_SOURCE_DIR}/${RS_FOLDER_measure})
  endif()
endif()

if(NOT RS_KERNELS_ONLY)
  include(src/cmake/fuzz.cmake)
endif()

# Each public header compiles alone, as C11 and as C++17.
set(units "")
foreach(room IN LISTS RS_ROOMS)
  foreach(h IN LISTS RS_PUBLIC_${room})
    set(names ${h})
    if(IS_DIRECTORY ${CMAKE_SOURCE_DIR}/include/restage/${h})
      file(GLOB names RELATIVE ${CMAKE_SOURCE_DIR}/include/restage CONFIGURE_DEPENDS
           ${CMAKE_SOURCE_DIR}/include/restage/${h}/*.h)
    endif()
    foreach(n IN LISTS names)
      string(MAKE_C_IDENTIFIER ${n} id)
      foreach(ext IN ITEMS c cc)
        if(ext STREQUAL "c" OR NOT RS_KERNELS_ONLY)
          set(unit ${CMAKE_BINARY_DIR}/generated/headers/${id}.${ext})
          file(CONFIGURE OUTPUT ${unit} CONTENT "#include \"restage/${n}\"\nextern int ${id}_${ext};\n")
          list(APPEND units ${unit})
        endif()
      endforeach()
    endforeach()
  endforeach()
endforeach()
add_library(header-test OBJECT ${units})
target_include_directories(header-test PRIVATE ${CMAKE_SOURCE_DIR}/include)
target_compile_options(header-test PRIVATE -Wall -Wextra -Wpedantic -Werror)

# Samples: every program in samples/ is compiled as a plain user of the libraries, and run.
if(NOT RS_KERNELS_ONLY)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/samples/*.c)
  foreach(source IN LISTS sources)
    get_filename_component(stem ${source} NAME_WE)
    add_executable(sample_${stem} ${source})
    target_include_directories(sample_${stem} PRIVATE ${CMAKE_SOURCE_DIR}/include)
    target_link_libraries(sample_${stem} PRIVATE rs_flags restage-shared m)
    rs_test(sample_${stem} samples sample_${stem})
    add_dependencies(checked sample_${stem})
  endforeach()
endif()

# Scripts. They run under sh in a folder of their own and find the program in $RESTAGE.
foreach(label IN ITEMS cli conformance golden install viewers pixelmed)
  if(label STREQUAL "install" AND RS_SANITIZE)
    continue() # a plain program cannot load a sanitized library
  endif()
  file(GLOB scripts CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${label}/test_*.sh)
  foreach(script IN LISTS scripts)
    get_filename_component(stem ${script} NAME_WE)
    file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/tests/${label}/${stem})
    rs_test(${label}_${stem} ${label} sh ${script})
    set_tests_properties(${label}_${stem} PROPERTIES WORKING_DIRECTORY ${CMAKE_BINARY_DIR}/tests/${label}/${stem})
  endforeach()
endforeach()
if(TEST cli_test_faults)
  set_tests_properties(cli_test_faults PROPERTIES TIMEOUT 1500) # hundreds of runs: a guard against hanging, not a bound
endif()
if(EXISTS ${CMAKE_SOURCE_DIR}/tests/house.sh)
  rs_test(house unit sh ${CMAKE_SOURCE_DIR}/tests/house.sh)
endif()
