# Builds the reference server from a plain tree of reference/ and harness/base/, with or without a defect:
# build-server runs it where they stand.
sources := $(shell find reference harness/base -name '*.c' -not -path '*/tests/*')
objects := $(sources:.c=.o)
libraries := libmicrohttpd sqlite3 jansson yajl libsodium libcrypto libxxhash
flags := -std=c17 -O1 -g1 -pthread -D_GNU_SOURCE -DORDEAL_VERSION='"incident"' -Iharness -Ireference \
	-fno-omit-frame-pointer -fno-strict-aliasing -fstack-protector-strong -MMD $(shell pkg-config --cflags $(libraries))

ordeal-reference: $(objects)
	$(CC) -pthread -o $@ $^ $(shell pkg-config --libs $(libraries)) -lm

%.o: %.c
	$(CC) $(flags) -c -o $@ $<

-include $(objects:.o=.d)
