// What a machine can do at compiling a calendar and sweeping a million clocks. gcc -O3 -march=native; ./sweep DIR/
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
static inline u32 B4(const Cal4*c,u32 t){u32 i=c->is[t>>c->hs];i+=__builtin_expect_with_probability(c->r[i+1].s<=t,1,0.5);const Rec*r=c->r+i;u32 x=t<r->e?t:r->e;return r->p+(x-r->s);}
static inline i64 add4(const Cal4*c,i64 t,u32 d){u32 q=B4(c,(u32)(t-c->base))+d;u32 i=c->ip[q>>c->hp];i+=__builtin_expect_with_probability(c->r[i].pn<q,1,0.5);return c->base+c->r[i].s+(q-c->r[i].p);}
// branchless variant: fixed two steps instead of a loop if max scan <=2 (checked at build)
// algorithm 3: walk from the start (what most naive code would do, but over compiled intervals)
static inline i64 add_walk(const Cal*c,i64 t,u32 d){u32 x=t-c->base;i32 i=ub(c->s,c->n,x);u32 rem=d;
  if(i){i--; if(x<c->e[i]){u32 l=c->e[i]-x;if(rem<=l)return t+rem;rem-=l;} i++;}
  for(;;i++){u32 l=c->e[i]-c->s[i];if(rem<=l)return c->base+c->s[i]+rem;rem-=l;}}

static double wall(){struct timespec t;clock_gettime(CLOCK_MONOTONIC,&t);return t.tv_sec+1e-9*t.tv_nsec;}
static u64 rs=88172645463325252ULL;static u64 rnd(){rs^=rs<<13;rs^=rs>>7;rs^=rs<<17;return rs;}
// ---- compile from a spec: weekly minutes, holidays (sorted day numbers), specials, tz transitions
typedef struct{int n;u32 a[4],b[4];}Day;
static i64 tzoff(const i64*tr,const i32*of,int nt,i64 local,int*hint){ // local seconds -> utc, transitions sorted; gap -> after, fold -> first
  int i=*hint; while(i+1<nt&&local-of[i]>=tr[i+1]) i++; *hint=i; return local-of[i];}
static i64 compile(i64*iv,int d0,int d1,const Day*week,const int*hol,int nh,const int*sp,const Day*spd,int ns,const i64*tr,const i32*of,int nt){
  i64 n=0;int h=0,s=0,hint=0;while(hint+1<nt&&tr[hint+1]<(i64)d0*86400)hint++;
  for(int d=d0;d<d1;d++){while(h<nh&&hol[h]<d)h++;while(s<ns&&sp[s]<d)s++;const Day*w;if(s<ns&&sp[s]==d)w=spd+s;else if(h<nh&&hol[h]==d)continue;else w=week+(d+3)%7;
    for(int k=0;k<w->n;k++){i64 a=tzoff(tr,of,nt,(i64)d*86400+w->a[k]*60,&hint),b=tzoff(tr,of,nt,(i64)d*86400+w->b[k]*60,&hint);if(n&&iv[2*n-1]>=a)iv[2*n-1]=b>iv[2*n-1]?b:iv[2*n-1];else if(b>a){iv[2*n]=a;iv[2*n+1]=b;n++;}}}
  return n;}
static int cmpd(const void*a,const void*b){double x=*(double*)a,y=*(double*)b;return x<y?-1:x>y;}
#define MED(v,k) (qsort(v,k,8,cmpd),v[(k)/2])
int main(int argc,char**argv){ i64 m;char pth[400];snprintf(pth,400,"%scal_A.bin",argc>1?argv[1]:"work/");i64*iv=rd(pth,&m);Cal c;build(&c,iv+1,iv[0]);Cal4 c4;build4(&c4,&c);
 // compile cost by horizon: Mon-Fri 09-18, 15 holidays/yr, 2 transitions a year
 for(int yrs=5;yrs<=40;yrs*=2){int d0=19358,d1=d0+yrs*365;Day wk[7];memset(wk,0,sizeof wk);for(int i=0;i<5;i++)wk[i]=(Day){1,{540},{1080}};int*hol=malloc(yrs*15*4);for(int i=0;i<yrs*15;i++)hol[i]=d0+i*365/15;int nt=yrs*2+1;i64*tr=malloc(nt*8);i32*of=malloc(nt*4);for(int i=0;i<nt;i++){tr[i]=((i64)d0+i*182)*86400;of[i]=i&1?7200:3600;}tr[0]=-1e15;
  i64*o=malloc((size_t)yrs*366*16);double t1[31],t2[31];i64 n=0;Cal x;Cal4 x4;for(int r=0;r<31;r++){double t=now();n=compile(o,d0,d1,wk,hol,yrs*15,0,0,0,tr,of,nt);t1[r]=now()-t;t=now();build(&x,o,n);build4(&x4,&x);t2[r]=now()-t;if(r<30){free(x.s);free(x.e);free(x.p);free(x.is);free(x.ip);free((void*)x4.is);free((void*)x4.ip);free((void*)x4.r);}}
  printf("compile %2d years: %ld intervals, spec->intervals %.1f us, +index %.1f us; compact SoA %zu B (%.1f B/interval), AoS+fine index %zu B\n",yrs,n,MED(t1,31)*1e6,MED(t2,31)*1e6,x.bytes,(double)x.bytes/n,x4.bytes);}
 // sweep of 1M clocks
 u32 N=1000000;u32*st=malloc(N*4),*bud=malloc(N*4),*acc=malloc(N*4);uint8_t*state=malloc(N);u32*cal=malloc(N*4),*out=malloc(N*4);i64*due=malloc(N*8);
 u32 nowr=iv[1]+900*86400-c4.base; // relative now
 for(u32 i=0;i<N;i++){st[i]=nowr-rnd()%(60*86400);bud[i]=(1+rnd()%80)*3600;acc[i]=rnd()%7200;state[i]=rnd()%10?1:0;cal[i]=rnd()%1000;}
 Cal4*cs=malloc(sizeof(Cal4)*1000);for(int i=0;i<1000;i++)build4(cs+i,&c);
 double a[15],b[15],d[15],e[15],f[15];u32 k=0,k2=0,k3=0,k4=0;
 for(int r=0;r<15;r++){
  double t=now();k=0;u32 Bn=B4(&c4,nowr);for(u32 i=0;i<N;i++){u32 el=acc[i]+Bn-B4(&c4,st[i]);out[k]=i;k+=(state[i]&(el>=bud[i]));}a[r]=now()-t;
  t=now();{const Cal4 L=c4;for(u32 i=0;i<N;i++){u32 q=acc[i]<bud[i]?acc[i]:bud[i];due[i]=add4(&L,L.base+st[i],bud[i]-q);}}b[r]=now()-t;
  t=now();k2=0;i64 nn=c4.base+nowr;for(u32 i=0;i<N;i++){out[k2]=i;k2+=(state[i]&(due[i]<=nn));}d[r]=now()-t;
  t=now();k3=0;u32 BN[1000];for(int q=0;q<1000;q++)BN[q]=B4(cs+q,nowr);for(u32 i=0;i<N;i++){u32 q=cal[i];u32 el=acc[i]+BN[q]-B4(cs+q,st[i]);out[k3]=i;k3+=(state[i]&(el>=bud[i]));}e[r]=now()-t;
  t=now();k4=0;for(u32 i=0;i<N;i++){u32 q=(u64)i*1000/N;u32 el=acc[i]+BN[q]-B4(cs+q,st[i]);out[k4]=i;k4+=(state[i]&(el>=bud[i]));}f[r]=now()-t;}
 printf("sweep 1M clocks: recompute elapsed+compare, 1 calendar %.2f ms (%u due); recompute all due instants %.2f ms; compare stored due only %.2f ms (%u); 1000 calendars random %.2f ms, grouped %.2f ms (%u/%u)\n",MED(a,15)*1e3,k,MED(b,15)*1e3,MED(d,15)*1e3,k2,MED(e,15)*1e3,MED(f,15)*1e3,k3,k4);
 printf("bytes per clock (start u32, budget u32, acc u32, state u8, cal u32, due i64) = 25\n");
}
