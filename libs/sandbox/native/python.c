/* What Python is told and asked. Compiled without its headers: these are all in its stable ABI. */
#include <stdlib.h>
#include <unistd.h>

#include "jail.h"

typedef struct python_object python_object;
typedef ssize_t python_size;

/* How Python divides its arenas (from 3.10 on). Where that is wrong, holes stay. */
enum { POOL_BYTES = 16384, POOL_HEADER_BYTES = 48 };

python_object *PyBytes_FromStringAndSize(const char *bytes, python_size length);
char *PyBytes_AsString(python_object *bytes);
python_object *PyObject_CallFunctionObjArgs(python_object *callable, ...);
long PyLong_AsLong(python_object *number);
void PyErr_Print(void);
void *PyObject_Malloc(size_t bytes);
void PyObject_Free(void *block);

static python_object *read_bytes(uint64_t length) {
  python_object *bytes = PyBytes_FromStringAndSize(NULL, (python_size)length);
  if (bytes == NULL || !read_all(REQUEST_FD, PyBytes_AsString(bytes), length)) _exit(75);
  return bytes;
}

/*
 * Tells init that all privileges are gone, takes the program's limits and itself,
 * hands it to Python, and ends with the status that Python returns.
 */
_Noreturn void run_program(void *callable) {
  struct program_setup setup;
  if (!write_all(REQUEST_FD, "k", 1)) _exit(75);
  if (!read_all(REQUEST_FD, &setup, sizeof setup)) _exit(75);
  if (setup.keep_channel == 0) close(CHANNEL_FD);
  set_program_limits(&setup);
  python_object *source = read_bytes(setup.source_bytes), *rest = read_bytes(setup.rest_bytes);
  close(REQUEST_FD);
  python_object *status = PyObject_CallFunctionObjArgs(callable, source, rest, NULL);
  if (status == NULL) PyErr_Print();
  _exit(status == NULL ? 1 : (int)PyLong_AsLong(status));
}

/* Fills the holes of Python's pools of one size, until a block comes first in its pool. */
static void fill_pools(size_t size) {
  for (size_t i = 0; i < 65536; i++) {
    unsigned char *block = PyObject_Malloc(size);
    if (block == NULL) return;
    if (((uintptr_t)block & (POOL_BYTES - 1)) != POOL_HEADER_BYTES) continue;
    PyObject_Free(block);
    return;
  }
}

/* Fills the holes of the heap that take a block of this size, until one comes from its end. */
static void fill_heap(size_t size, uintptr_t end) {
  for (size_t i = 0; i < 65536; i++) {
    void *block = malloc(size);
    if (block == NULL || (uintptr_t)block < end) continue;
    free(block);
    return;
  }
}

/*
 * Called once, in the interpreter. What a program's process allocates shall lie
 * close together: each page of the interpreter's that it writes to is copied,
 * which costs microseconds, and holes that modules left are on hundreds of them.
 */
void fill_holes(void) {
  void *piece = malloc(HEAP_PIECE_BYTES);
  const uintptr_t end = (uintptr_t)piece;
  if (piece == NULL) return;
  free(piece);
  for (size_t size = HEAP_PIECE_BYTES / 2; size > 1024; size -= size / 8) fill_heap(size, end);
  for (size_t size = 1024; size > 0; size -= 16) fill_heap(size, end);
  for (size_t size = 16; size <= 512; size += 16) fill_pools(size);
}
