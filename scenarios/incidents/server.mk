# Builds the reference server from a plain tree of reference/ and harness/base/, with or without a defect:
# build-server runs it where they stand.
tool := $(wildcard reference/openapi_to_c.c)
generated := $(if $(tool),reference/openapi_json.c)
found := $(shell find reference harness/base -name '*.c' -not -path '*/tests/*')
sources := $(filter-out $(tool) $(generated),$(found)) $(generated)
objects := $(sources:.c=.o)
libraries := libmicrohttpd yaml-0.1 sqlite3 jansson yajl libsodium libcrypto libxxhash
flags := -std=c17 -O1 -g1 -pthread -D_GNU_SOURCE -DORDEAL_VERSION='"incident"' -Iharness -Ireference \
	-fno-omit-frame-pointer -fno-strict-aliasing -fstack-protector-strong -MMD $(shell pkg-config --cflags $(libraries))

ordeal-reference: $(objects)
	$(CC) -pthread -o $@ $^ $(shell pkg-config --libs $(libraries)) -lm

# The description of the interface is served as JSON that is made from it.
reference/openapi_to_c: reference/openapi_to_c.o $(filter harness/base/%,$(objects))
	$(CC) -pthread -o $@ $^ $(shell pkg-config --libs $(libraries)) -lm

reference/openapi_json.c: reference/openapi_to_c reference/openapi.yaml
	reference/openapi_to_c reference/openapi.yaml >$@

%.o: %.c
	$(CC) $(flags) -c -o $@ $<

-include $(objects:.o=.d)
