// queue.c for calls from Python: the 4-ary heap with a key hash; CPU nanoseconds a key for push, re-key, pop.
#define main queue_main
#include "queue.c"
void queue_run(u32 n, double *ns) {
  u64 base = 1700000000, *p = malloc(n * 8ul), *p2 = malloc(n * 8ul), *keys = malloc(n * 8ul), sum = 0;
  u32 *ord = malloc(n * 4ul);
  for (u32 i = 0; i < n; i++) { p[i] = base + rnd() % (30 * 86400); p2[i] = base + rnd() % (30 * 86400); keys[i] = rnd() | 1; ord[i] = rnd() % n; }
  H4 q; Map m;
  q.a = aligned_alloc(64, ((u64)n + 8) * 16 / 64 * 64 + 64); q.pos = malloc(n * 4ul); q.n = 0;
  m_init(&m, n); memset(m.v, 0, (m.mask + 1) * 4ul); memset(q.a, 0, n * 16ul);
  double t = now();
  for (u32 i = 0; i < n; i++) { *m_put(&m, keys[i]) = i; H4_push(&q, i, p[i]); }
  ns[0] = (now() - t) / n * 1e9; t = now();
  for (u32 i = 0; i < n; i++) H4_upd(&q, *m_put(&m, keys[ord[i]]), p2[i]);
  ns[1] = (now() - t) / n * 1e9; t = now();
  while (q.n) { u32 h = H4_pop(&q); sum += *m_put(&m, keys[h]); }
  ns[2] = (now() - t) / n * 1e9; ns[3] = (double)sum;
  free(q.a); free(q.pos); free(m.k); free(m.v); free(p); free(p2); free(keys); free(ord);
}
