#!/bin/bash -eu
# Builds every target with the engine and sanitizer that the caller gives in CC, CFLAGS and LIB_FUZZING_ENGINE.
source fuzz/lib.sh
# RPATH and not RUNPATH: libraries of libraries are found by it, too.
cmake -S . -B "$WORK/build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_COMPILER="$CC" -DCMAKE_C_FLAGS="$CFLAGS" \
    -DCMAKE_BUILD_RPATH='$ORIGIN/lib' -DCMAKE_EXE_LINKER_FLAGS=-Wl,--disable-new-dtags -DORDEAL_TESTS=OFF -DORDEAL_FUZZER=libFuzzer -DORDEAL_FUZZER_LINK="$LIB_FUZZING_ENGINE"
cmake --build "$WORK/build" --target "${targets[@]/#/fuzz-}"
for target in "${targets[@]}"; do
    cp "$WORK/build/bin/fuzz-$target" "$OUT/"
    find "fuzz/seeds/$target" "fuzz/regressions/$target" -type f 2>/dev/null | zip -q -j "$OUT/fuzz-${target}_seed_corpus.zip" -@
    [ ! -e "fuzz/dictionaries/$target.dict" ] || cp "fuzz/dictionaries/$target.dict" "$OUT/fuzz-$target.dict"
    {
        echo "[libfuzzer]"
        for bound in "${bounds[@]}"; do echo "${bound#-}"; done
        [ ! -e "$OUT/fuzz-$target.dict" ] || echo "dict=fuzz-$target.dict"
    } >"$OUT/fuzz-$target.options"
    # Libraries that the image which runs the targets does not have.
    mkdir -p "$OUT/lib"
    ldd "$OUT/fuzz-$target" | awk '$3 ~ /^\// { print $3 }' | grep -vE '/lib(c|m|pthread|dl|rt|resolv)\.so' | xargs -r cp -n -t "$OUT/lib"
done
