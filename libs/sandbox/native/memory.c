/*
 * Init's memory. It is part of the interpreter's address space, which every
 * program's process is a copy of: the arena is left out of such copies, and both
 * arena and stack are empty whenever one is made.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "jail.h"

static const size_t STACK_BYTES = 128 * 1024;
/* Address space only. A request, what waits for the program and the report take a third of it at most. */
static const size_t ARENA_BYTES = 256u << 20;
static const size_t ALIGNMENT = 16;

static unsigned char *stack;

/* At the arena's beginning, so that it is gone with everything else. */
static struct {
  size_t used, most;
} *arena;

static unsigned char *map(size_t bytes) {
  void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return at == MAP_FAILED ? NULL : at;
}

/* Once, in the interpreter. */
bool make_init_memory(void) {
  stack = map(STACK_BYTES);
  arena = (void *)map(ARENA_BYTES);
  /* Should the stack ever be too small, init ends by a fault. */
  return stack != NULL && arena != NULL && mprotect(stack, 4096, PROT_NONE) == 0 &&
         madvise(arena, ARENA_BYTES, MADV_DONTFORK) == 0;
}

void *init_stack_top(void) { return stack + STACK_BYTES; }

/* In the interpreter, when no init lives. Both are zero afterwards. */
void wipe_init_memory(void) {
  if (madvise(stack + 4096, STACK_BYTES - 4096, MADV_DONTNEED) != 0) _exit(70);
  if (madvise(arena, arena->most + sizeof *arena, MADV_DONTNEED) != 0) _exit(70);
}

static size_t aligned(size_t bytes) { return (bytes + ALIGNMENT - 1) & ~(ALIGNMENT - 1); }

/* A block of the arena; its bytes are zero unless it was given back before. There is always one. */
void *take_memory(size_t bytes) {
  const size_t size = aligned(bytes);
  if (bytes > ARENA_BYTES || size > ARENA_BYTES - sizeof *arena - arena->used) _exit(70);
  void *block = (unsigned char *)(arena + 1) + arena->used;
  arena->used += size;
  if (arena->used > arena->most) arena->most = arena->used;
  return block;
}

static bool is_last(const void *block, size_t bytes) {
  return (const unsigned char *)block + aligned(bytes) == (unsigned char *)(arena + 1) + arena->used;
}

/* A greater block with the same bytes; where it lies is its own or another place. */
void *grow_memory(void *block, size_t old_bytes, size_t bytes) {
  if (block != NULL && is_last(block, old_bytes)) {
    arena->used -= aligned(old_bytes);
    return take_memory(bytes);
  }
  void *greater = take_memory(bytes);
  if (old_bytes > 0) memcpy(greater, block, old_bytes);
  return greater;
}

/* The last block can be used again; others stay until the arena is wiped. */
void give_memory(void *block, size_t bytes) {
  if (block != NULL && is_last(block, bytes)) arena->used -= aligned(bytes);
}
