/*
 * A request, its files, and the files that it gets back. A request is a list of
 * byte strings: a count, then each one's length and bytes (u32, little-endian).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jail.h"

static const char WORK_DIR[] = "/tmp/work";
static const size_t MAX_FIELDS = 4096;
static const size_t MAX_PATH_BYTES = 256;

struct cursor {
  struct field *at, *end;
  bool ok;
};

static struct field next(struct cursor *cursor) {
  if (cursor->at < cursor->end) return *cursor->at++;
  cursor->ok = false;
  return (struct field){NULL, 0};
}

static uint64_t next_number(struct cursor *cursor) {
  struct field field = next(cursor);
  uint64_t value = 0;
  for (size_t i = 0; i < field.length; i++) {
    if (field.data[i] < '0' || field.data[i] > '9') cursor->ok = false;
    value = value * 10 + (uint64_t)(field.data[i] - '0');
  }
  if (field.length == 0 || field.length > 15) cursor->ok = false;
  return value;
}

static struct field *next_list(struct cursor *cursor, size_t *count, size_t each) {
  *count = next_number(cursor);
  struct field *first = cursor->at;
  if (*count > MAX_FIELDS || (size_t)(cursor->end - cursor->at) < *count * each) cursor->ok = false;
  else cursor->at += *count * each;
  return first;
}

static struct field *split(const unsigned char *message, size_t length, size_t *count) {
  if (length < 4) return NULL;
  *count = get_u32(message);
  if (*count > MAX_FIELDS) return NULL;
  struct field *fields = take_memory((*count + 1) * sizeof *fields);
  size_t at = 4;
  for (size_t i = 0; i < *count; i++) {
    size_t size = at + 4 <= length ? get_u32(message + at) : 0;
    if (at + 4 > length || size > length - at - 4) return NULL;
    fields[i] = (struct field){message + at + 4, size};
    at += 4 + size;
  }
  return fields;
}

/* The same fields, in the same order, as the launcher of a jail of its own reads. */
bool read_request(struct request *request, const unsigned char *message, size_t length) {
  size_t count = 0;
  struct field *fields = split(message, length, &count);
  if (fields == NULL) return false;
  struct cursor cursor = {fields, fields + count, true};
  next(&cursor); /* the command of other languages */
  request->file_name = next(&cursor);
  request->source = next(&cursor);
  request->wall_ms = next_number(&cursor);
  request->cpu_ms = next_number(&cursor);
  request->memory_bytes = next_number(&cursor);
  request->data_bytes = next_number(&cursor);
  request->processes = next_number(&cursor);
  request->disk_bytes = next_number(&cursor);
  request->keep_channel = next_number(&cursor) == 1;
  request->watch_memory = next_number(&cursor) == 1;
  request->output_total_bytes = next_number(&cursor);
  request->args = next_list(&cursor, &request->arg_count, 1);
  request->env = next_list(&cursor, &request->env_count, 2);
  request->files = next_list(&cursor, &request->file_count, 2);
  request->outputs = next_list(&cursor, &request->output_count, 1);
  return cursor.ok;
}

static bool copy_path(char *path, struct field field) {
  if (field.length == 0 || field.length >= MAX_PATH_BYTES) return false;
  memcpy(path, field.data, field.length);
  path[field.length] = '\0';
  return strlen(path) == field.length;
}

static bool place_file(struct field name, struct field data) {
  char path[256];
  if (!copy_path(path, name)) return errno = EINVAL, false;
  for (char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    if (mkdir(path, 0755) != 0 && errno != EEXIST) return false;
    *slash = '/';
  }
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (fd < 0) return false;
  bool ok = write_all(fd, data.data, data.length);
  int failure = errno;
  close(fd);
  errno = failure;
  return ok;
}

/* Writes the files and the source; why it could not, or NULL. */
const char *place_files(const struct request *request) {
  for (size_t i = 0; i < request->file_count; i++) {
    if (!place_file(request->files[2 * i], request->files[2 * i + 1])) return strerror(errno);
  }
  if (!place_file(request->file_name, request->source)) return strerror(errno);
  return NULL;
}

void add_field(struct buffer *list, uint32_t *count, const void *data, size_t length) {
  unsigned char size[4];
  put_u32(size, (uint32_t)length);
  buffer_add(list, size, sizeof size);
  buffer_add(list, data, length);
  *count += 1;
}

/* See struct program_setup. Where there are files the list is never empty, so that Python looks for them. */
static void add_rest(struct buffer *list, const struct request *request) {
  uint32_t count = 0;
  unsigned char header[4] = {0};
  if (request->env_count + request->arg_count + request->file_count == 0) return;
  buffer_add(list, header, sizeof header);
  for (size_t i = 0; i < request->env_count * 2; i++) {
    add_field(list, &count, request->env[i].data, request->env[i].length);
  }
  add_field(list, &count, "", 0); /* no variable has an empty name: the arguments follow */
  for (size_t i = 0; i < request->arg_count; i++) {
    add_field(list, &count, request->args[i].data, request->args[i].length);
  }
  put_u32(list->data, count);
}

void send_to_program(int fd, const struct request *request, uint64_t own_data_bytes) {
  struct buffer message = {0}, rest = {0};
  add_rest(&rest, request);
  const struct program_setup setup = {
      .cpu_seconds = request->cpu_ms / 1000 + 2,
      .data_bytes = request->data_bytes + own_data_bytes,
      .disk_bytes = request->disk_bytes,
      .processes = request->processes,
      .source_bytes = request->source.length,
      .rest_bytes = buffered(&rest),
      .keep_channel = request->keep_channel,
  };
  buffer_add(&message, &setup, sizeof setup);
  buffer_add(&message, request->source.data, request->source.length);
  buffer_add(&message, rest.data, buffered(&rest));
  write_all(fd, message.data, buffered(&message));
}

/* Opens a regular file below the work directory without following any link. */
static int open_beneath(struct field name) {
  char path[256];
  if (!copy_path(path, name)) return -1;
  int folder = open(WORK_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  char *part = path;
  for (char *slash = strchr(part, '/'); folder >= 0 && slash != NULL; slash = strchr(part, '/')) {
    *slash = '\0';
    int inner = openat(folder, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    close(folder);
    folder = inner;
    part = slash + 1;
  }
  if (folder < 0) return -1;
  int fd = openat(folder, part, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  close(folder);
  return fd;
}

/* Adds path and content of each file that is asked for, is regular and still fits. */
void add_outputs(struct buffer *report, uint32_t *count, const struct request *request) {
  uint64_t left = request->output_total_bytes;
  for (size_t i = 0; i < request->output_count; i++) {
    int fd = open_beneath(request->outputs[i]);
    if (fd < 0) continue;
    struct stat info;
    if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && (uint64_t)info.st_size <= left) {
      size_t size = (size_t)info.st_size;
      unsigned char *data = take_memory(size);
      if (read_all(fd, data, size)) {
        add_field(report, count, request->outputs[i].data, request->outputs[i].length);
        add_field(report, count, data, size);
        left -= size;
      }
      give_memory(data, size);
    }
    close(fd);
  }
}
