// sweep.c for calls from Python: compiling five years, and passing over a million clocks; CPU seconds each.
#define main sweep_main
#include "sweep.c"
double sweep_compile(int years, i64 *intervals, i64 *bytes) {
  int d0 = 19358, d1 = d0 + years * 365, nt = years * 2 + 1; Day wk[7]; memset(wk, 0, sizeof wk);
  for (int i = 0; i < 5; i++) wk[i] = (Day){1, {540}, {1080}};
  int *hol = malloc(years * 15 * 4); for (int i = 0; i < years * 15; i++) hol[i] = d0 + i * 365 / 15;
  i64 *tr = malloc(nt * 8), *o = malloc((size_t)years * 366 * 16); i32 *of = malloc(nt * 4);
  for (int i = 0; i < nt; i++) { tr[i] = ((i64)d0 + i * 182) * 86400; of[i] = i & 1 ? 7200 : 3600; } tr[0] = -1e15;
  Cal x; Cal4 y; double t = now();
  i64 n = compile(o, d0, d1, wk, hol, years * 15, 0, 0, 0, tr, of, nt); build(&x, o, n); build4(&y, &x);
  t = now() - t; *intervals = n; *bytes = y.bytes;
  free(x.s); free(x.e); free(x.p); free(x.is); free(x.ip); free((void *)y.is); free((void *)y.ip); free((void *)y.r);
  free(hol); free(tr); free(o); free(of);
  return t;
}
// stored: which dues are at or before now; out gets their row numbers
double sweep_stored(const i64 *due, const uint8_t *state, u32 n, i64 nowi, u32 *out, u32 *found) {
  double t = now(); u32 k = 0;
  for (u32 i = 0; i < n; i++) { out[k] = i; k += state[i] & (due[i] <= nowi); }
  t = now() - t; *found = k; return t;
}
// recomputed: elapsed so far against the budget, on one calendar (the whole table) or grouped by calendar
double sweep_elapsed(const Cal4 *cs, u32 calendars, const u32 *st, const u32 *bud, const u32 *acc, const uint8_t *state, u32 n, u32 nowr, u32 *out, u32 *found) {
  u32 *worked = malloc(calendars * 4); double t = now(); u32 k = 0;
  for (u32 q = 0; q < calendars; q++) worked[q] = B4(cs + q, nowr);
  if (calendars == 1) { const Cal4 L = *cs; u32 w = worked[0];
    for (u32 i = 0; i < n; i++) { u32 el = acc[i] + w - B4(&L, st[i]); out[k] = i; k += state[i] & (el >= bud[i]); } }
  else for (u32 i = 0; i < n; i++) { u32 q = (u64)i * calendars / n; u32 el = acc[i] + worked[q] - B4(cs + q, st[i]); out[k] = i; k += state[i] & (el >= bud[i]); }
  t = now() - t; *found = k; free(worked); return t;
}
double sweep_due(const Cal4 *c, const u32 *st, const u32 *bud, const u32 *acc, u32 n, i64 *due) {
  const Cal4 L = *c; double t = now();
  for (u32 i = 0; i < n; i++) { u32 q = acc[i] < bud[i] ? acc[i] : bud[i]; due[i] = add4(&L, L.base + st[i], bud[i] - q); }
  return now() - t;
}
Cal4 *sweep_calendars(const i64 *intervals, i64 n, u32 count) {
  Cal c; build(&c, intervals, n); Cal4 *cs = malloc(sizeof(Cal4) * count);
  for (u32 i = 0; i < count; i++) build4(cs + i, &c);
  return cs;
}
i64 sweep_base(const Cal4 *c) { return c->base; }
