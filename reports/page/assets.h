/* The files of this folder as texts, embedded at build by embed.cmake. */
#ifndef ORDEAL_REPORTS_PAGE_ASSETS_H
#define ORDEAL_REPORTS_PAGE_ASSETS_H

extern const char asset_page_html[];
extern const char asset_page_css[];
extern const char asset_dom_js[];
extern const char asset_charts_js[];
extern const char asset_evidence_js[];
extern const char asset_report_js[];
extern const char asset_start_report_js[];
extern const char asset_live_js[];
extern const char asset_trend_js[];
extern const char asset_postmortem_md[];
extern const char asset_status_md[];

#endif
