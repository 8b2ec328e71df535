/* At build time: openapi.yaml as JSON in a C array, so that the server can serve it.
 *   openapi_to_c openapi.yaml >openapi_json.c */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/check.h"
#include "base/json_writer.h"
#include "base/units.h"

#define BYTES_A_LINE 24

static void put_scalar(json_writer *w, const yaml_node_t *node)
{
    const char *text = (const char *)node->data.scalar.value;
    bool plain = node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    uint64_t number;
    if (plain && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0))
        writer_bool(w, text[0] == 't');
    else if (plain && units_whole(text, &number))
        writer_whole(w, number);
    else
        writer_text(w, text);
}

static void put_node(json_writer *w, yaml_document_t *document, yaml_node_t *node)
{
    CHECK(node != NULL);
    if (node->type == YAML_SCALAR_NODE) {
        put_scalar(w, node);
    } else if (node->type == YAML_SEQUENCE_NODE) {
        writer_array(w);
        for (yaml_node_item_t *item = node->data.sequence.items.start;
             item < node->data.sequence.items.top; item++)
            put_node(w, document, yaml_document_get_node(document, *item));
        writer_array_end(w);
    } else {
        writer_object(w);
        for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
             pair < node->data.mapping.pairs.top; pair++) {
            const yaml_node_t *key = yaml_document_get_node(document, pair->key);
            CHECK(key != NULL && key->type == YAML_SCALAR_NODE);
            writer_key(w, (const char *)key->data.scalar.value);
            put_node(w, document, yaml_document_get_node(document, pair->value));
        }
        writer_object_end(w);
    }
}

static void print_array(const buffer *json)
{
    puts("#include \"openapi.h\"\n\nconst char openapi_json[] = {");
    for (size_t i = 0; i < json->length; i++)
        printf("%d,%s", json->bytes[i], (i + 1) % BYTES_A_LINE == 0 ? "\n" : "");
    printf("\n};\nconst size_t openapi_json_size = sizeof openapi_json;\n");
}

int main(int argc, char **argv)
{
    yaml_parser_t parser;
    yaml_document_t document;
    buffer json = {0};
    FILE *file = argc == 2 ? fopen(argv[1], "re") : NULL;
    if (file == NULL) {
        fputs("usage: openapi_to_c FILE\n", stderr);
        return 2;
    }
    CHECK(yaml_parser_initialize(&parser) == 1);
    yaml_parser_set_input_file(&parser, file);
    if (yaml_parser_load(&parser, &document) != 1) {
        fprintf(stderr, "%s:%zu: %s\n", argv[1], parser.problem_mark.line + 1, parser.problem);
        return 1;
    }
    json_writer w = writer_begin(&json);
    put_node(&w, &document, yaml_document_get_root_node(&document));
    print_array(&json);
    buffer_free(&json);
    yaml_document_delete(&document);
    yaml_parser_delete(&parser);
    fclose(file);
    return 0;
}
