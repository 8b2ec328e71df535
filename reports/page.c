#include "reports/page.h"

#include "reports/page/assets.h"
#include "reports/show.h"
#include "reports/template.h"

#define PARTS_MOST 5

/* Which scripts make a page, in their order. */
static const char *const scripts[][PARTS_MOST] = {
    [PAGE_REPORT] = {asset_dom_js, asset_charts_js, asset_evidence_js, asset_report_js,
                     asset_start_report_js},
    [PAGE_TREND] = {asset_dom_js, asset_trend_js},
    [PAGE_LIVE] = {asset_dom_js, asset_charts_js, asset_live_js},
};

/* Inside a script element only '<' could end it; in JSON it stands in texts alone. */
static void append_data(const char *json, buffer *out)
{
    for (; *json != '\0'; json++)
        *json == '<' ? buffer_text_append(out, "\\u003c") : buffer_append(out, json, 1);
}

void page_write(page_kind kind, const char *title, const char *text, const char *data, buffer *out)
{
    buffer script = {0};
    buffer shown_title = {0};
    buffer shown_text = {0};
    buffer shown_data = {0};
    for (size_t i = 0; i < PARTS_MOST && scripts[kind][i] != NULL; i++)
        buffer_text_append(&script, scripts[kind][i]);
    show_escaped(title, &shown_title);
    show_escaped(text, &shown_text);
    append_data(data, &shown_data);
    const template_value values[] = {
        {"title", buffer_text(&shown_title)},
        {"connect", kind == PAGE_LIVE ? "'self'" : "'none'"},
        {"style", asset_page_css},
        {"text", buffer_text(&shown_text)},
        {"data", buffer_text(&shown_data)},
        {"script", buffer_text(&script)},
    };
    template_fill(asset_page_html, values, sizeof values / sizeof values[0], out);
    buffer_free(&script);
    buffer_free(&shown_title);
    buffer_free(&shown_text);
    buffer_free(&shown_data);
}
