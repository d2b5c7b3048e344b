// What a machine can do at business-time arithmetic. gcc -O3 -march=native -pthread; ./limit DIR/ [LETTERS [core]]
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <pthread.h>
#include <immintrin.h>
typedef int64_t i64; typedef int32_t i32; typedef uint32_t u32; typedef uint64_t u64;
static int WALL=0;static double now(){struct timespec t;clock_gettime(WALL?CLOCK_MONOTONIC:CLOCK_THREAD_CPUTIME_ID,&t);return t.tv_sec+1e-9*t.tv_nsec;}
static i64 *rd(const char*p,i64*n){FILE*f=fopen(p,"rb");if(!f){perror(p);exit(1);}fseek(f,0,SEEK_END);*n=ftell(f)/8;rewind(f);i64*b=aligned_alloc(64,(*n*8+63)/64*64);if(fread(b,8,*n,f)!=(size_t)*n)exit(1);fclose(f);return b;}
// ---------- compiled calendar: relative seconds in u32 (136 years) ------------
typedef struct { i64 base; i32 n; u32 *s,*e,*p; // start, end, business seconds before interval (n+1)
  u32 hs,hp; u32 ns,np_; uint16_t *is,*ip; // direct index on time (bucket 2^hs s) and on business seconds (bucket 2^hp s)
  size_t bytes; } Cal;
static void build(Cal*c,const i64*iv,i64 n){
  memset(c,0,sizeof *c); c->base=iv[0]-86400*400LL; c->n=n;
  c->s=malloc((n+1)*4);c->e=malloc((n+1)*4);c->p=malloc((n+2)*4);
  u32 P=0; u32 minl=~0u;
  for(i64 i=0;i<n;i++){c->s[i]=iv[2*i]-c->base;c->e[i]=iv[2*i+1]-c->base;c->p[i]=P;u32 l=c->e[i]-c->s[i];if(l<minl)minl=l;P+=l;}
  c->p[n]=P;c->p[n+1]=~0u; c->s[n]=~0u;c->e[n]=~0u;
  // bucket sizes: about one interval a bucket
  u32 span=c->e[n-1]; u32 avg=span/(n?n:1); c->hs=0; while((2u<<c->hs)<=avg)c->hs++; 
  u32 avp=P/n; c->hp=0; while((2u<<c->hp)<=avp)c->hp++;
  while((span>>c->hs)>60000)c->hs++; while((P>>c->hp)>60000)c->hp++;
  c->ns=(span>>c->hs)+2;c->np_=(P>>c->hp)+2;
  c->is=malloc(c->ns*2);c->ip=malloc(c->np_*2);
  // is[b] = number of intervals with start <= b<<hs  (upper bound), minus handled by scan
  i64 k=0; for(u32 b=0;b<c->ns;b++){u64 t=(u64)b<<c->hs; while(k<n&&c->s[k]<=t)k++; c->is[b]=k;}
  k=0; for(u32 b=0;b<c->np_;b++){u64 t=(u64)b<<c->hp; while(k<n&&c->p[k+1]<t)k++; c->ip[b]=k;}
  c->bytes=sizeof *c+(n+1)*4*2+(n+2)*4+c->ns*2+c->np_*2;
}
// algorithm 1: branchless binary search both ways
static inline i32 ub(const u32*a,i32 n,u32 x){i32 b=0,len=n;while(len>1){i32 h=len>>1;b+=h&-(i32)(a[b+h-1]<=x);len-=h;}return b+(a[b]<=x);}
static inline u32 B_bs(const Cal*c,u32 t){i32 i=ub(c->s,c->n,t);if(!i)return 0;i--;u32 x=t<c->e[i]?t:c->e[i];return c->p[i]+x-c->s[i];}
static inline i32 lb(const u32*a,i32 n,u32 x){i32 b=0,len=n;while(len>1){i32 h=len>>1;b+=h&-(i32)(a[b+h-1]<x);len-=h;}return b+(a[b]<x);}
static inline i64 add_bs(const Cal*c,i64 t,u32 d){u32 q=B_bs(c,(u32)(t-c->base))+d;i32 i=lb(c->p,c->n+1,q)-1;return c->base+c->s[i]+(q-c->p[i]);}
// algorithm 2: direct index + scan
static inline u32 B_ix(const Cal*c,u32 t){u32 i=c->is[t>>c->hs];while(c->s[i]<=t)i++;if(!i)return 0;i--;u32 x=t<c->e[i]?t:c->e[i];return c->p[i]+x-c->s[i];}
static inline i64 add_ix(const Cal*c,i64 t,u32 d){u32 q=B_ix(c,(u32)(t-c->base))+d;u32 i=c->ip[q>>c->hp];while(c->p[i+1]<q)i++;return c->base+c->s[i]+(q-c->p[i]);}
// algorithm 4: one 16-byte record per interval, buckets small enough that at most one step is needed, no branch at all
typedef struct{u32 s,e,p,pn;}Rec;
typedef struct{i64 base;u32 hs,hp,n,_;const uint16_t*is,*ip;const Rec*r;size_t bytes;}Cal4;
static void build4(Cal4*c,const Cal*o){c->base=o->base;c->n=o->n;Rec*r=aligned_alloc(64,(o->n+3)*16/64*64+64);
  // record 0 = before the first interval
  r[0]=(Rec){0,0,0,0};for(i32 i=0;i<o->n;i++)r[i+1]=(Rec){o->s[i],o->e[i],o->p[i],o->p[i+1]};r[o->n+1]=(Rec){~0u,~0u,~0u,~0u};c->r=r;
  u32 span=o->e[o->n-1],P=o->p[o->n]; u32 g=~0u,gp=~0u;for(i32 i=0;i<o->n;i++){if(i&&o->s[i]-o->s[i-1]<g)g=o->s[i]-o->s[i-1];if(o->p[i+1]-o->p[i]<gp)gp=o->p[i+1]-o->p[i];}
  c->hs=0;while(c->hs<30&&(2u<<c->hs)<=g)c->hs++; c->hp=0;while(c->hp<30&&(2u<<c->hp)<=gp)c->hp++;
  u32 ns=(span>>c->hs)+2,np=(P>>c->hp)+2; uint16_t*is=malloc(ns*2),*ip=malloc(np*2);
  i64 k=0;for(u32 b=0;b<ns;b++){u64 t=(u64)b<<c->hs;while(k<o->n&&o->s[k]<=t)k++;is[b]=k;} // record index of the last start<=bucket start
  k=0;for(u32 b=0;b<np;b++){u64 q=(u64)b<<c->hp;while(k+1<o->n&&o->p[k+1]<q)k++;ip[b]=k+1;}
  c->is=is;c->ip=ip;c->bytes=sizeof*c+(o->n+2)*16+(ns+np)*2;}
static inline u32 B4(const Cal4*c,u32 t){u32 i=c->is[t>>c->hs];i+=c->r[i+1].s<=t;const Rec*r=c->r+i;u32 x=t<r->e?t:r->e;return r->p+(x-r->s);}
static inline i64 add4(const Cal4*c,i64 t,u32 d){u32 q=B4(c,(u32)(t-c->base))+d;u32 i=c->ip[q>>c->hp];i+=c->r[i].pn<q;return c->base+c->r[i].s+(q-c->r[i].p);}
// branchless variant: fixed two steps instead of a loop if max scan <=2 (checked at build)
// algorithm 3: walk from the start (what most naive code would do, but over compiled intervals)
static inline i64 add_walk(const Cal*c,i64 t,u32 d){u32 x=t-c->base;i32 i=ub(c->s,c->n,x);u32 rem=d;
  if(i){i--; if(x<c->e[i]){u32 l=c->e[i]-x;if(rem<=l)return t+rem;rem-=l;} i++;}
  for(;;i++){u32 l=c->e[i]-c->s[i];if(rem<=l)return c->base+c->s[i]+rem;rem-=l;}}
typedef struct{const Cal4*c4,*cs4;const Cal*c;const i64*st,*d,*en;i64*out;i64 lo,hi;int alg;const Cal*cs;const u32*ci;}Job;
__attribute__((noinline)) static void job_add_bs(Job*j){for(i64 i=j->lo;i<j->hi;i++)j->out[i]=add_bs(j->c,j->st[i],j->d[i]);}
__attribute__((noinline)) static void job_add_ix(Job*j){for(i64 i=j->lo;i<j->hi;i++)j->out[i]=add_ix(j->c,j->st[i],j->d[i]);}
__attribute__((noinline)) static void job_add_wk(Job*j){for(i64 i=j->lo;i<j->hi;i++)j->out[i]=add_walk(j->c,j->st[i],j->d[i]);}
__attribute__((noinline)) static void job_btw_bs(Job*j){for(i64 i=j->lo;i<j->hi;i++){i64 b=j->c->base;j->out[i]=(i64)B_bs(j->c,j->en[i]-b)-(i64)B_bs(j->c,j->st[i]-b);}}
__attribute__((noinline)) static void job_btw_ix(Job*j){for(i64 i=j->lo;i<j->hi;i++){i64 b=j->c->base;j->out[i]=(i64)B_ix(j->c,j->en[i]-b)-(i64)B_ix(j->c,j->st[i]-b);}}
__attribute__((noinline)) static void job_multi(Job*j){for(i64 i=j->lo;i<j->hi;i++)j->out[i]=add_ix(&j->cs[j->ci[i]],j->st[i],j->d[i]);}
__attribute__((noinline)) static void job_copy(Job*j){for(i64 i=j->lo;i<j->hi;i++)j->out[i]=j->st[i]+j->d[i];}
// AVX2 gather, 8 lanes of u32 relative time
__attribute__((noinline)) static void job_add_simd(Job*j){const Cal*c=j->c;__m256i one=_mm256_set1_epi32(1),sg=_mm256_set1_epi32(0x80000000);
  __m256i m16=_mm256_set1_epi32(0xffff);
  __m256i base=_mm256_set1_epi64x(c->base);
  for(i64 i=j->lo;i+8<=j->hi;i+=8){
    // pack 8 x (t-base) to u32
    __m256i a=_mm256_sub_epi64(_mm256_loadu_si256((void*)(j->st+i)),base),b=_mm256_sub_epi64(_mm256_loadu_si256((void*)(j->st+i+4)),base);
    __m256i t=_mm256_permute4x64_epi64(_mm256_castps_si256(_mm256_shuffle_ps(_mm256_castsi256_ps(a),_mm256_castsi256_ps(b),0x88)),0xD8);
    a=_mm256_loadu_si256((void*)(j->d+i));b=_mm256_loadu_si256((void*)(j->d+i+4));
    __m256i d=_mm256_permute4x64_epi64(_mm256_castps_si256(_mm256_shuffle_ps(_mm256_castsi256_ps(a),_mm256_castsi256_ps(b),0x88)),0xD8);
    __m256i k=_mm256_and_si256(_mm256_i32gather_epi32((void*)c->is,_mm256_srl_epi32(t,_mm_cvtsi32_si128(c->hs)),2),m16);
    __m256i ts=_mm256_xor_si256(t,sg);
    for(;;){__m256i s=_mm256_i32gather_epi32((void*)c->s,k,4);__m256i gt=_mm256_cmpgt_epi32(_mm256_xor_si256(s,sg),ts);// s>t stop
      if(_mm256_movemask_epi8(gt)==-1)break; k=_mm256_add_epi32(k,_mm256_andnot_si256(gt,one));}
    k=_mm256_sub_epi32(k,one); // assume >=0 (calendar starts before the workload)
    __m256i s=_mm256_i32gather_epi32((void*)c->s,k,4),e=_mm256_i32gather_epi32((void*)c->e,k,4),p=_mm256_i32gather_epi32((void*)c->p,k,4);
    __m256i x=_mm256_min_epu32(t,e); __m256i q=_mm256_add_epi32(_mm256_add_epi32(p,_mm256_sub_epi32(x,s)),d);
    k=_mm256_and_si256(_mm256_i32gather_epi32((void*)c->ip,_mm256_srl_epi32(q,_mm_cvtsi32_si128(c->hp)),2),m16);
    __m256i qs=_mm256_xor_si256(q,sg);
    for(;;){__m256i pn=_mm256_i32gather_epi32((void*)(c->p+1),k,4);__m256i lt=_mm256_cmpgt_epi32(qs,_mm256_xor_si256(pn,sg)); // p<q go on
      if(!_mm256_movemask_epi8(lt))break;k=_mm256_add_epi32(k,_mm256_and_si256(lt,one));}
    s=_mm256_i32gather_epi32((void*)c->s,k,4);p=_mm256_i32gather_epi32((void*)c->p,k,4);
    __m256i r=_mm256_add_epi32(s,_mm256_sub_epi32(q,p));
    _mm256_storeu_si256((void*)(j->out+i),_mm256_add_epi64(base,_mm256_cvtepu32_epi64(_mm256_castsi256_si128(r))));
    _mm256_storeu_si256((void*)(j->out+i+4),_mm256_add_epi64(base,_mm256_cvtepu32_epi64(_mm256_extracti128_si256(r,1))));
  }
  for(i64 i=j->hi-(j->hi-j->lo)%8;i<j->hi;i++)j->out[i]=add_ix(c,j->st[i],j->d[i]);
}
typedef void(*fn)(Job*);
__attribute__((noinline)) static void job_add4(Job*j){const Cal4 c=*j->c4;for(i64 i=j->lo;i<j->hi;i++)j->out[i]=add4(&c,j->st[i],j->d[i]);}
__attribute__((noinline)) static void job_btw4(Job*j){const Cal4 c=*j->c4;for(i64 i=j->lo;i<j->hi;i++){j->out[i]=(i64)B4(&c,j->en[i]-c.base)-(i64)B4(&c,j->st[i]-c.base);}}
__attribute__((noinline)) static void job_multi4(Job*j){for(i64 i=j->lo;i<j->hi;i++)j->out[i]=add4(&j->cs4[j->ci[i]],j->st[i],j->d[i]);}
__attribute__((noinline)) static void job_multi4pf(Job*j){enum{K=16};for(i64 i=j->lo;i<j->hi;i++){ if(i+K<j->hi){const Cal4*c=&j->cs4[j->ci[i+K]];__builtin_prefetch(c);} if(i+K/2<j->hi){const Cal4*c=&j->cs4[j->ci[i+K/2]];u32 t=j->st[i+K/2]-c->base;__builtin_prefetch(c->is+(t>>c->hs));} if(i+K/4<j->hi){const Cal4*c=&j->cs4[j->ci[i+K/4]];u32 t=j->st[i+K/4]-c->base;u32 q=c->is[t>>c->hs];__builtin_prefetch(c->r+q);}
 j->out[i]=add4(&j->cs4[j->ci[i]],j->st[i],j->d[i]);}}


static fn G;static void*thrG(void*a){G((Job*)a);return 0;}
static double run(fn f,Job j,i64 n,int threads,int reps){ double best[64];WALL=threads>1;
  for(int r=0;r<reps;r++){double t=now();
    if(threads==1){j.lo=0;j.hi=n;f(&j);}
    else{G=f;pthread_t th[8];Job js[8];for(int k=0;k<threads;k++){js[k]=j;js[k].lo=n*k/threads/8*8;js[k].hi=k==threads-1?n:n*(k+1)/threads/8*8;pthread_create(th+k,0,thrG,js+k);}for(int k=0;k<threads;k++)pthread_join(th[k],0);}
    best[r]=now()-t;}
  for(int i=0;i<reps;i++)for(int k=i+1;k<reps;k++)if(best[k]<best[i]){double x=best[i];best[i]=best[k];best[k]=x;}
  WALL=0;return best[threads>1?0:reps/2]/n*1e9;}
static i64 check(const i64*a,const i64*b,i64 n){i64 bad=0;for(i64 i=0;i<n;i++)bad+=a[i]!=b[i];return bad;}
static u64 rs=88172645463325252ULL;static u64 rnd(){rs^=rs<<13;rs^=rs>>7;rs^=rs<<17;return rs;}
static int cmp(const void*a,const void*b){i64 x=*(i64*)a,y=*(i64*)b;return x<y?-1:x>y;}
int main(int argc,char**argv){
  const char*dir=argc>1?argv[1]:"work/"; int reps=15,all=argc<=3; // a third argument: only what the benchmark compares with
  char p[300]; i64 n,m;
  snprintf(p,300,"%sworkload.bin",dir); i64*w=rd(p,&m); n=w[0]; i64*st=w+1,*d=st+n,*en=d+n; i64*out=aligned_alloc(64,n*8);
  // scale up to 4M rows for the memory-bound picture
  i64 N=4000000; i64*S=aligned_alloc(64,N*8),*D=aligned_alloc(64,N*8),*E=aligned_alloc(64,N*8),*O=aligned_alloc(64,N*8);
  for(i64 i=0;i<N;i++){S[i]=st[i%n]+(i/n)*7;D[i]=d[i%n];E[i]=en[i%n];} memset(O,0,N*8);
  printf("rows %ld (cache-resident), %ld (memory)\n",n,N);
  Job j={0,0,0,st,d,en,out}; Job J={0,0,0,S,D,E,O};
  if(all)printf("copy floor (out=st+d): 200k %.2f ns  4M %.2f ns  4M 2thr %.2f ns\n",run(job_copy,j,n,1,reps),run(job_copy,J,N,1,7),run(job_copy,J,N,2,7));
  for(const char*k=argc>2?argv[2]:"ABCGDEF";*k;k++){
    snprintf(p,300,"%scal_%c.bin",dir,*k);i64*iv=rd(p,&m);i64 ni=iv[0];Cal c; double t=now();int R=200;for(int r=0;r<R;r++){build(&c,iv+1,ni);if(r<R-1){free(c.s);free(c.e);free(c.p);free(c.is);free(c.ip);}}t=(now()-t)/R;
    snprintf(p,300,"%sexp_%c.bin",dir,*k);i64*ex=rd(p,&m);
    // worst scan lengths
    u32 ms=0,mp=0;for(u32 b=0;b+1<c.ns;b++){u32 x=c.is[b+1]-c.is[b];if(x>ms)ms=x;}for(u32 b=0;b+1<c.np_;b++){u32 x=c.ip[b+1]-c.ip[b];if(x>mp)mp=x;}
    printf("== cal %c: %ld intervals, index %zu bytes (build from intervals %.1f us), buckets 2^%u s / 2^%u bs, max scan %u/%u\n",*k,ni,c.bytes,t*1e6,c.hs,c.hp,ms,mp);
    j.c=&c;J.c=&c; i64 b1,b2,b3,b4,b5,b6;
    double x1=all?run(job_add_bs,j,n,1,reps):0;b1=check(out,ex,n);
    double x2=all?run(job_add_ix,j,n,1,reps):0;b2=check(out,ex,n);
    double x3=all?run(job_add_wk,j,n,1,reps):0;b3=check(out,ex,n);
    double x6=all?run(job_add_simd,j,n,1,reps):0;b6=check(out,ex,n);
    double x4=all?run(job_btw_bs,j,n,1,reps):0;b4=check(out,ex+n,n);
    double x5=all?run(job_btw_ix,j,n,1,reps):0;b5=check(out,ex+n,n);
    if(all)printf("add   200k 1thr ns/op: binsearch %.1f (bad %ld)  index %.1f (bad %ld)  walk %.1f (bad %ld)  simd-gather %.1f (bad %ld)\n",x1,b1,x2,b2,x3,b3,x6,b6);
    Cal4 c4;double tb=now();for(int r=0;r<200;r++){build4(&c4,&c);if(r<199){free((void*)c4.is);free((void*)c4.ip);free((void*)c4.r);}}tb=(now()-tb)/200;j.c4=J.c4=&c4;
    double y1=run(job_add4,j,n,1,reps);i64 e1=check(out,ex,n);double y2=run(job_btw4,j,n,1,reps);i64 e2=check(out,ex+n,n);
    printf("ALG4 branchless: %zu bytes (+build %.1f us) 2^%u/2^%u  add 200k %.2f (bad %ld) between %.2f (bad %ld)  add 4M 1thr %.2f 2thr %.2f between 4M 1thr %.2f 2thr %.2f\n",c4.bytes,tb*1e6,c4.hs,c4.hp,y1,e1,y2,e2,run(job_add4,J,N,1,9),run(job_add4,J,N,2,9),run(job_btw4,J,N,1,9),run(job_btw4,J,N,2,9));
    if(all)printf("between 200k 1thr ns/op: binsearch %.1f (bad %ld)  index %.1f (bad %ld)\n",x4,b4,x5,b5);
    if(all)printf("add   4M  ns/op: index 1thr %.1f 2thr %.1f | simd 1thr %.1f 2thr %.1f | between index 1thr %.1f 2thr %.1f\n",run(job_add_ix,J,N,1,7),run(job_add_ix,J,N,2,7),run(job_add_simd,J,N,1,7),run(job_add_simd,J,N,2,7),run(job_btw_ix,J,N,1,7),run(job_btw_ix,J,N,2,7));
    if(*k=='A'){ // sorted starts
      if(all){i64*S2=malloc(N*8);memcpy(S2,S,N*8);qsort(S2,N,8,cmp);Job J2=J;J2.st=S2;printf("add   4M sorted starts: index 1thr %.1f\n",run(job_add_ix,J2,N,1,7));free(S2);}
      // many calendars
      for(int nc=1;nc<=10000;nc*=10){Cal*cs=malloc(sizeof(Cal)*nc);for(int q=0;q<nc;q++)build(cs+q,iv+1,ni);u32*ci=malloc(N*4);for(i64 i=0;i<N;i++)ci[i]=rnd()%nc;Job J3=J;J3.cs=cs;J3.ci=ci;
        double a=all?run(job_multi,J3,N,1,5):0; 
        // grouped by calendar (counting sort order), cost of grouping excluded
        qsort(ci,0,4,cmp); for(i64 i=0;i<N;i++)ci[i]=(u64)i*nc/N; double g=all?run(job_multi,J3,N,1,5):0;
        Cal4*c4s=malloc(sizeof(Cal4)*nc);for(int q=0;q<nc;q++)build4(c4s+q,cs+q);J3.cs4=c4s; for(i64 i=0;i<N;i++)ci[i]=rnd()%nc; double a4=run(job_multi4,J3,N,1,5),a4p=all?run(job_multi4pf,J3,N,1,5):0; for(i64 i=0;i<N;i++)ci[i]=(u64)i*nc/N; double g4=run(job_multi4,J3,N,1,5);
        printf("  alg4: many calendars %d (%.1f MB): random %.1f, random+prefetch %.1f, grouped %.1f ns/op\n",nc,nc*(double)c4s[0].bytes/1e6,a4,a4p,g4);
        for(int q=0;q<nc;q++){free((void*)c4s[q].is);free((void*)c4s[q].ip);free((void*)c4s[q].r);}free(c4s);
        if(all)printf("many calendars %d (%.1f MB): random %.1f ns/op, grouped %.1f ns/op\n",nc,nc*(double)cs[0].bytes/1e6,a,g);
        for(int q=0;q<nc;q++){free(cs[q].s);free(cs[q].e);free(cs[q].p);free(cs[q].is);free(cs[q].ip);}free(cs);free(ci);} }
  }
}
