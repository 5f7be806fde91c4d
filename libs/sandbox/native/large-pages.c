/*
 * Large pages for the interpreter's heap. Each program's process begins as a
 * copy of the interpreter's page tables: of one entry for 2 MiB instead of 512,
 * until it writes there. Where the kernel can't do it (before 6.1), nothing changes.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "jail.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif
#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

static const uintptr_t LARGE_PAGE = 2u << 20;
static const uintptr_t WORTH_IT = 512u << 10;

static uintptr_t down(uintptr_t at) { return at & ~(LARGE_PAGE - 1); }

static uintptr_t up(uintptr_t at) { return down(at + LARGE_PAGE - 1); }

struct range {
  uintptr_t start, end;
};

/* Makes the addresses in between part of the mapping beside them, if nothing else is there. */
static bool reserve(uintptr_t start, uintptr_t end) {
  if (start == end) return true;
  const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
  void *at = mmap((void *)start, end - start, PROT_READ | PROT_WRITE, flags, -1, 0);
  if (at == (void *)start) return true;
  if (at != MAP_FAILED) munmap(at, end - start);
  return false;
}

/*
 * Lets the heap of malloc, which grows upwards, end after the next boundary of a
 * large page. What it gets is one free block, but for a piece at the end, without
 * which malloc would give the rest back.
 */
static void grow_heap(void) {
  enum { MOST = 64 };
  void *pieces[MOST];
  size_t count = 0;
  const uintptr_t boundary = up((uintptr_t)sbrk(0));
  while (count < MOST) {
    void *piece = malloc(HEAP_PIECE_BYTES);
    if (piece == NULL) break;
    pieces[count++] = piece;
    if ((uintptr_t)sbrk(0) >= boundary) break;
  }
  for (size_t i = 0; i + 1 < count; i++) free(pieces[i]);
}

static void enlarge(struct range range) {
  uintptr_t first = down(range.start), last = up(range.end);
  if (!reserve(first, range.start)) first += LARGE_PAGE;
  /* Above the heap is where it grows. */
  if (range.end == (uintptr_t)sbrk(0) || !reserve(range.end, last)) last = down(range.end);
  for (uintptr_t at = first; at < last; at += LARGE_PAGE) madvise((void *)at, LARGE_PAGE, MADV_COLLAPSE);
}

/* Memory that is private, can be written, and comes from no file. */
static bool read_range(const char *line, struct range *range) {
  unsigned long start, end, offset;
  char mode[8], path[16] = "";
  if (sscanf(line, "%lx-%lx %7s %lx %*s %*s %15s", &start, &end, mode, &offset, path) < 4) return false;
  *range = (struct range){start, end};
  return strcmp(mode, "rw-p") == 0 && (path[0] == '\0' || strcmp(path, "[heap]") == 0);
}

/* Called once, in the interpreter, when it holds all that programs find in it. */
void use_large_pages(void) {
  enum { MOST = 64 };
  struct range ranges[MOST];
  size_t count = 0;
  char line[512];
  grow_heap();
  FILE *maps = fopen("/proc/self/maps", "re");
  if (maps == NULL) return;
  while (count < MOST && fgets(line, sizeof line, maps) != NULL) {
    if (read_range(line, &ranges[count]) && ranges[count].end - ranges[count].start >= WORTH_IT) count++;
  }
  fclose(maps);
  for (size_t i = 0; i < count; i++) enlarge(ranges[i]);
}
