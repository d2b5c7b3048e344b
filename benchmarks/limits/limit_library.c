// limit.c for calls from Python: the branch-free direct index (ALG4) over the caller's columns.
#define main limit_main
#include "limit.c"
Cal4 *limit_calendar(const i64 *intervals, i64 n) {
  Cal soa; Cal4 *c = malloc(sizeof *c);
  build(&soa, intervals, n); build4(c, &soa);
  return c;
}
void limit_add(const Cal4 *c, const i64 *starts, const i64 *amounts, i64 *out, i64 n) {
  Job j = {.c4 = c, .st = starts, .d = amounts, .out = out, .hi = n}; job_add4(&j);
}
void limit_between(const Cal4 *c, const i64 *starts, const i64 *ends, i64 *out, i64 n) {
  Job j = {.c4 = c, .st = starts, .en = ends, .out = out, .hi = n}; job_btw4(&j);
}
