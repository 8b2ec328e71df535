# cmake -DOUT=file.c -DNAMES=a;b -DFILES=x;y -P embed.cmake: each file as a NUL-terminated array, so that the programs
# need no file of the page at run time.
set(text "#include \"reports/page/assets.h\"\n")
list(LENGTH FILES count)
math(EXPR last "${count} - 1")
foreach(i RANGE ${last})
  list(GET NAMES ${i} name)
  list(GET FILES ${i} file)
  file(READ "${file}" hex HEX)
  string(REGEX REPLACE "(..)" "'\\\\x\\1'," bytes "${hex}")
  string(APPEND text "const char ${name}[] = {${bytes}'\\0'};\n")
endforeach()
file(WRITE "${OUT}" "${text}")
