/* ordeal list [TABLE]: the tables that a scenario can draw from. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/suggest.h"
#include "behaviours/behaviour.h"
#include "chaos/fault.h"
#include "commands/command.h"
#include "drivers/driver.h"
#include "history/operations.h"
#include "incidents/catalogue.h"
#include "judges/judge.h"
#include "plan/schema.h"
#include "reports/report.h"

static void print_parameters(const parameter *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        printf("      %-14s %s%s%s%s\n", rows[i].name, rows[i].description,
               rows[i].fallback != NULL ? " (" : "; needed",
               rows[i].fallback != NULL ? rows[i].fallback : "",
               rows[i].fallback != NULL ? ")" : "");
}

static void list_behaviours(void)
{
    for (size_t i = 0; i < behaviour_count; i++) {
        printf("  %-16s %s\n", behaviours[i]->name, behaviours[i]->description);
        print_parameters(behaviours[i]->parameters, behaviours[i]->parameter_count);
    }
}

static void list_faults(void)
{
    for (size_t i = 0; i < fault_kind_count; i++) {
        printf("  %-16s %s: %s\n", fault_kinds[i]->name, fault_kinds[i]->family,
               fault_kinds[i]->description);
        print_parameters(fault_kinds[i]->parameters, fault_kinds[i]->parameter_count);
    }
}

static void list_invariants(void)
{
    for (size_t i = 0; i < judge_count; i++) {
        printf("  %-16s %s\n  %-16s needs %s\n", judges[i]->name, judges[i]->definition, "",
               judges[i]->needs);
        print_parameters(judges[i]->parameters, judges[i]->parameter_count);
    }
}

static void list_drivers(void)
{
    for (size_t i = 0; i < driver_count; i++) {
        printf("  %-16s %s\n  %-16s can:", drivers[i]->name, drivers[i]->description, "");
        for (const capability_row *row = capability_rows; row->name != NULL; row++)
            if (drivers[i]->capabilities & row->bit)
                printf(" %s", row->name);
        puts("");
    }
}

static void list_operations(void)
{
    for (unsigned i = 1; i < OPERATION_COUNT; i++)
        printf("  %-16s %s\n", operation_row_of(i)->name, operation_row_of(i)->description);
}

static void list_reports(void)
{
    for (size_t i = 0; i < report_count; i++)
        printf("  %-16s %s: %s\n", reports[i]->name, reports[i]->file, reports[i]->description);
}

static int is_scenario(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 5 && strcmp(entry->d_name + length - 5, ".yaml") == 0;
}

/* The first folder that exists, in the order in which `ordeal run NAME` looks. */
static void list_scenarios(void)
{
    static const char *const folders[] = {"scenarios", ORDEAL_SOURCE_FOLDER "/scenarios",
                                          ORDEAL_DATA_FOLDER "/scenarios"};
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        struct dirent **entries;
        int count = scandir(folders[i], &entries, is_scenario, alphasort);
        for (int n = 0; n < count; n++) {
            printf("  %.*s\n", (int)(strlen(entries[n]->d_name) - 5), entries[n]->d_name);
            free(entries[n]);
        }
        if (count >= 0)
            free(entries);
        if (count > 0)
            return;
    }
}

static void list_incidents(void)
{
    error e = {0};
    catalogue *c = catalogue_open(&e);
    if (c == NULL) {
        log_error(&e);
        return;
    }
    for (size_t i = 0; i < c->count; i++)
        printf("  %2llu %-32s %s: %s\n", (unsigned long long)c->incidents[i].number,
               c->incidents[i].id, c->incidents[i].invariant->name, c->incidents[i].title);
    catalogue_close(c);
}

static void print_buffer(void (*write)(buffer *out))
{
    buffer text = {0};
    write(&text);
    fputs(buffer_text(&text), stdout);
    buffer_free(&text);
}

static void list_schema(void)
{
    print_buffer(schema_write);
}

static void list_target_schema(void)
{
    print_buffer(schema_write_target);
}

typedef struct {
    const char *name;
    void (*print)(void);
    bool alone; /* a document by itself, which the list of all leaves out */
} table;

static const table tables[] = {
    {"scenarios", list_scenarios, false}, {"behaviours", list_behaviours, false},
    {"faults", list_faults, false},       {"invariants", list_invariants, false},
    {"drivers", list_drivers, false},     {"operations", list_operations, false},
    {"reports", list_reports, false},     {"incidents", list_incidents, false},
    {"schema", list_schema, true},        {"target-schema", list_target_schema, true},
};
#define TABLES (sizeof tables / sizeof tables[0])

static int list_command(int argc, char **argv, error *e)
{
    const char *names[TABLES];
    for (size_t i = 0; i < TABLES; i++) {
        names[i] = tables[i].name;
        if (argc == 2 && strcmp(argv[1], tables[i].name) == 0) {
            tables[i].print();
            return 0;
        }
    }
    if (argc == 2 && strcmp(argv[1], "--help") != 0) {
        const char *near = suggest_nearest(argv[1], names, TABLES);
        error_set(e, ERROR_USAGE, argv[1],
                  "no such table; there are scenarios, behaviours, faults, invariants, drivers, "
                  "operations, "
                  "reports, incidents, schema and target-schema%s%s",
                  near != NULL ? "; nearest is " : "", near != NULL ? near : "");
        return command_failed(e);
    }
    for (size_t i = 0; i < TABLES && !tables[i].alone; i++) {
        printf("%s\n", tables[i].name);
        tables[i].print();
    }
    return 0;
}

const command command_list = {"list", "[TABLE]",
                              "prints scenarios, behaviours, faults, invariants, drivers, "
                              "operations, reports, incidents; or one "
                              "of "
                              "schema, target-schema",
                              list_command};
