/* Any split of an upload equals the whole.
 *
 * Input: the length of the content and its seed; then one step after another, each a byte that says
 * what and a byte that says how: a piece, a piece whose client goes away in the middle, a piece
 * with a true or a false checksum, a piece that must be refused, a look, a restart, a sweep, an end
 * before its time, time that passes. What is left after the last step comes as one piece. Oracles:
 * the offset is what was acknowledged and what came of lost pieces, but nothing of lost ones with a
 * checksum and of refused ones; the file is the whole byte for byte and one version; of the
 * sessions nothing stays.
 */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "base/units.h"
#include "faults.h"
#include "fuzz.h"
#include "talk.h"
#include "uploads.h"

#define LENGTH_MOST  ((uint64_t)70000) /* a little more than what comes in one piece */
#define STEPS_MOST   40
#define MARGIN       30 /* seconds; of SERVICE_UPLOAD_LIFE */
#define STORIES_MOST 500
#define RARE         240 /* a byte from here on is a step that is asked less often */

typedef struct {
    char name[32];
    char address[200];
    uint64_t seed;
    uint64_t length;
    uint64_t offset; /* as acknowledged */
    uint64_t idle;   /* seconds that the clock was set on since the last progress */
    unsigned restarts;
    unsigned versions;
} session;

static uint8_t content_byte(uint64_t seed, uint64_t offset)
{
    return (uint8_t)(random_mix(seed + offset / 8) >> (offset % 8 * 8));
}

typedef struct {
    const session *session;
    uint64_t from;
} piece;

static void send_piece(void *owner, uint64_t offset, void *bytes, size_t length)
{
    const piece *p = owner;
    for (size_t i = 0; i < length; i++)
        ((uint8_t *)bytes)[i] = content_byte(p->session->seed, p->from + offset + i);
}

static wire_request request_of(const char *method, const char *target)
{
    wire_request asked = {.method = method,
                          .target = target,
                          .port = service_port(SERVICE_OPEN),
                          .length = WIRE_NO_BODY,
                          .goes_at = UINT64_MAX,
                          .address = 0x7f000001};
    asked.fields[asked.field_count++] = (wire_field){"Tus-Resumable", "1.0.0"};
    return asked;
}

static uint64_t offset_of(const wire_answer *answer)
{
    char text[32] = "";
    uint64_t offset = UINT64_MAX;
    ORACLE(talk_field(answer, "Upload-Offset", text, sizeof text) && units_whole(text, &offset));
    return offset;
}

static void create(session *s)
{
    char length[32];
    char metadata[96] = "filename ";
    wire_answer answer;
    wire_request asked = request_of("POST", "/v1/uploads");
    snprintf(length, sizeof length, "%" PRIu64, s->length);
    sodium_bin2base64(metadata + 9, sizeof metadata - 9, (const unsigned char *)s->name,
                      strlen(s->name), sodium_base64_VARIANT_ORIGINAL);
    asked.length = 0;
    asked.fields[asked.field_count++] = (wire_field){"Upload-Length", length};
    asked.fields[asked.field_count++] = (wire_field){"Upload-Metadata", metadata};
    talk_ask(&asked, false, &answer);
    ORACLE(answer.status == 201 && offset_of(&answer) == 0);
    ORACLE(talk_field(&answer, "Location", s->address, sizeof s->address));
    wire_release(&answer);
    s->offset = 0;
    s->idle = 0;
    s->versions += s->length == 0;
}

static bool is_over(const session *s)
{
    return s->offset == s->length;
}

/* What the server says is taken; false: there is no session any more. */
static bool look(session *s, uint64_t sent_to)
{
    wire_answer answer;
    wire_request asked = request_of("HEAD", s->address);
    talk_ask(&asked, false, &answer);
    bool there = answer.status == 200;
    if (there) {
        uint64_t now = offset_of(&answer);
        ORACLE(now >= s->offset && now <= sent_to);
        if (now > s->offset)
            s->idle = 0;
        s->offset = now;
    } else {
        ORACLE(answer.status == 404 || answer.status == 410);
    }
    wire_release(&answer);
    return there;
}

static void checksum_of(const session *s, uint64_t length, char text[80])
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    static uint8_t bytes[LENGTH_MOST];
    piece p = {s, s->offset};
    send_piece(&p, 0, bytes, length);
    crypto_hash_sha256(hash, bytes, length);
    snprintf(text, 80, "sha256 ");
    sodium_bin2base64(text + 7, 73, hash, sizeof hash, sodium_base64_VARIANT_ORIGINAL);
}

#define PIECE_TYPE "application/offset+octet-stream"

/* One PATCH; its status. */
static unsigned patch_as(session *s, const char *offset, const char *type, uint64_t length,
                         const char *checksum, uint64_t goes_at)
{
    piece p = {s, s->offset};
    wire_answer answer;
    wire_request asked = request_of("PATCH", s->address);
    asked.fields[asked.field_count++] = (wire_field){"Upload-Offset", offset};
    asked.fields[asked.field_count++] = (wire_field){"Content-Type", type};
    if (checksum != NULL)
        asked.fields[asked.field_count++] = (wire_field){"Upload-Checksum", checksum};
    asked.length = length;
    asked.send = send_piece;
    asked.owner = &p;
    asked.piece = 1 + (size_t)(length / 3);
    asked.goes_at = goes_at;
    talk_ask(&asked, false, &answer);
    unsigned status = answer.status;
    if (status == 204)
        ORACLE(offset_of(&answer) == s->offset + length);
    wire_release(&answer);
    return status;
}

static unsigned patch(session *s, uint64_t at, uint64_t length, const char *checksum,
                      uint64_t goes_at)
{
    char offset[32];
    snprintf(offset, sizeof offset, "%" PRIu64, at);
    return patch_as(s, offset, PIECE_TYPE, length, checksum, goes_at);
}

static void take_piece(session *s, uint64_t length, const char *checksum)
{
    unsigned status = patch(s, s->offset, length, checksum, UINT64_MAX);
    ORACLE(status == 204);
    s->offset += length;
    s->idle = 0;
    s->versions += is_over(s);
}

/* What came of it counts, unless only the whole could be verified. */
static void lose_piece(session *s, uint64_t length, uint64_t goes_at, const char *checksum)
{
    uint64_t kept = s->offset + (checksum == NULL ? goes_at : 0);
    unsigned status = patch(s, s->offset, length, checksum, goes_at);
    ORACLE(status == 0);
    ORACLE(look(s, kept) && s->offset == kept);
}

/* Each must be refused and move nothing. */
static void send_wrong_piece(session *s, uint8_t how, uint64_t length)
{
    static const char *const offsets[] = {"", "-1", "+0", "0x0", "1e3", "18446744073709551616"};
    static const char *const types[] = {"", "text/plain", PIECE_TYPE "s", "application/offset"};
    static const char *const checksums[] = {
        "",          "sha1",          "sha1 ",           "sha1 AAAA",
        "md5 AAAA=", "sha256 ====",   "sha512 AAAA",     "sha1  2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
        "SHA1 2jmj", "crc32 AAAAAA=", "sha1 2jmj7l5rSw0"};
    char offset[32];
    unsigned which = how / 4u;
    snprintf(offset, sizeof offset, "%" PRIu64, s->offset);
    if (how % 4 == 0)
        ORACLE(patch_as(s, offsets[which % 6], PIECE_TYPE, length, NULL, UINT64_MAX) == 400);
    else if (how % 4 == 1)
        ORACLE(patch_as(s, offset, types[which % 4], length, NULL, UINT64_MAX) == 415);
    else if (how % 4 == 2)
        ORACLE(patch(s, s->offset, length, checksums[which % 11], UINT64_MAX) == 400);
    else
        ORACLE(patch(s, s->offset, s->length - s->offset + 1 + which, NULL, UINT64_MAX) == 413);
    ORACLE(look(s, s->offset));
}

static void end_early(session *s)
{
    wire_answer answer;
    wire_request asked = request_of("DELETE", s->address);
    talk_ask(&asked, false, &answer);
    ORACLE(answer.status == 204);
    wire_release(&answer);
    ORACLE(!look(s, s->offset));
    ORACLE(patch(s, s->offset, 1, NULL, UINT64_MAX) == 404);
    create(s);
}

/* A session that nobody has gone on with for so long is over, and another one begins. Real time
 * passes too, so none is left in the last seconds of its life. */
static void let_pass(session *s, uint64_t seconds)
{
    faults_step((int64_t)seconds, true);
    s->idle += seconds;
    if (s->idle + MARGIN < SERVICE_UPLOAD_LIFE)
        return;
    faults_step(MARGIN, true);
    ORACLE(!look(s, s->offset));
    create(s);
}

/* One step of the input, which is not over yet. */
static void take_step(session *s, uint8_t what, uint8_t how)
{
    char checksum[80];
    uint64_t length = 1 + (uint64_t)how * how % (s->length - s->offset);
    switch (what < RARE ? what % 9 : what) {
    case 0:
        take_piece(s, length, NULL);
        break;
    case 1:
        if (length > 1)
            lose_piece(s, length, how % length, NULL);
        break;
    case 2:
        checksum_of(s, length, checksum);
        take_piece(s, length, checksum);
        break;
    case 3: /* the sum of nothing */
        ORACLE(patch(s, s->offset, length, "sha1 2jmj7l5rSw0yVb/vlWAYkK/YBwk=", UINT64_MAX) == 460);
        ORACLE(look(s, s->offset));
        break;
    case 4:
        ORACLE(patch(s, s->offset + 1 + how, length, NULL, UINT64_MAX) == 409);
        ORACLE(look(s, s->offset));
        break;
    case 5:
        ORACLE(look(s, s->offset));
        break;
    case 6:
        if (s->restarts++ < 2)
            ORACLE(service_restart(SERVICE_OPEN));
        break;
    case 7:
        uploads_sweep(service_of_process(SERVICE_OPEN)->uploads);
        break;
    case 8:
        let_pass(s, how % SERVICE_UPLOAD_LIFE);
        break;
    case RARE:
        checksum_of(s, length, checksum);
        if (length > 1)
            lose_piece(s, length, how % length, checksum);
        break;
    case RARE + 1:
        end_early(s);
        break;
    default:
        send_wrong_piece(s, how, length);
        break;
    }
}

static void check_whole(const session *s)
{
    char target[64];
    char wanted[32];
    wire_answer answer;
    snprintf(target, sizeof target, "/v1/files/%s", s->name);
    wire_request asked = request_of("GET", target);
    talk_ask(&asked, false, &answer);
    ORACLE(answer.status == 200 && answer.body.length == s->length);
    for (uint64_t i = 0; i < s->length; i++)
        ORACLE((uint8_t)answer.body.bytes[i] == content_byte(s->seed, i));
    snprintf(wanted, sizeof wanted, "%u", s->versions);
    char said[32] = "";
    if (talk_field(&answer, "X-Version", said, sizeof said))
        ORACLE(strcmp(said, wanted) == 0);
    wire_release(&answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static unsigned number;
    fuzz_input in = {bytes, length};
    if (++number % STORIES_MOST == 0)
        service_renew();
    session s = {.seed = fuzz_number(&in, 2)};
    s.length = fuzz_number(&in, 3) % LENGTH_MOST;
    snprintf(s.name, sizeof s.name, "%u", number);
    service_of_process(SERVICE_OPEN);
    create(&s);
    for (unsigned i = 0; i < STEPS_MOST && in.left >= 2 && !is_over(&s); i++) {
        uint8_t what = fuzz_byte(&in);
        take_step(&s, what, fuzz_byte(&in));
    }
    if (!is_over(&s))
        take_piece(&s, s.length - s.offset, NULL);
    check_whole(&s);
    talk_settled(SERVICE_OPEN);
    talk_no_session(SERVICE_OPEN);
    return 0;
}
