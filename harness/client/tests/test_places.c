/* Addresses that servers choose: kept by name, and resolved against where they were told. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "client/places.h"
#include "drivers/address.h"

Test(places, a_name_stands_for_the_last_address_it_was_given)
{
    char address[64];
    places *p = places_create();
    cr_assert(!places_find(p, "a", address, sizeof address));
    places_set(p, "a", "http://one/1");
    places_set(p, "b", "http://one/2");
    places_set(p, "a", "http://one/3");
    cr_assert(places_find(p, "a", address, sizeof address));
    cr_assert_str_eq(address, "http://one/3");
    cr_assert(places_find(p, "b", address, sizeof address));
    cr_assert_str_eq(address, "http://one/2");
    places_destroy(p);
}

Test(places, many_more_names_than_chains_are_told_apart)
{
    char name[32];
    char address[32];
    places *p = places_create();
    for (int i = 0; i < 100000; i++) {
        snprintf(name, sizeof name, "name %d", i);
        places_set(p, name, name + 5);
    }
    for (int i = 0; i < 100000; i += 7) {
        snprintf(name, sizeof name, "name %d", i);
        cr_assert(places_find(p, name, address, sizeof address));
        cr_assert_str_eq(address, name + 5);
    }
    places_destroy(p);
}

static void resolves(const char *reference, const char *wanted)
{
    char out[128] = "";
    cr_assert(address_resolve("http://host:1/files", reference, out, sizeof out), "%s", reference);
    cr_assert_str_eq(out, wanted);
}

Test(address, a_location_is_resolved_as_a_browser_does)
{
    resolves("http://other:2/x/1", "http://other:2/x/1");
    resolves("/x/1", "http://host:1/x/1");
    resolves("files/1", "http://host:1/files/1");
}

Test(address, what_is_missing_or_too_long_is_refused)
{
    char out[24];
    cr_assert(!address_resolve("http://host:1/files", "", out, sizeof out));
    cr_assert(!address_resolve("http://host:1/files", "/more-than-fits-here", out, sizeof out));
}
