/* Messages between the service and an init. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "jail.h"

/* Greater than a request with its files (see REQUEST_BOUNDS of the service). */
static const size_t MAX_PAYLOAD_BYTES = 64u << 20;

size_t buffered(const struct buffer *buffer) { return buffer->end - buffer->start; }

void buffer_add(struct buffer *buffer, const void *data, size_t length) {
  if (length == 0) return;
  if (buffer->start > 0 && buffer->end + length > buffer->capacity) {
    memmove(buffer->data, buffer->data + buffer->start, buffered(buffer));
    buffer->end -= buffer->start;
    buffer->start = 0;
  }
  if (buffer->end + length > buffer->capacity) {
    size_t capacity = buffer->capacity ? buffer->capacity : 1024;
    while (capacity < buffer->end + length) capacity *= 2;
    buffer->data = grow_memory(buffer->data, buffer->capacity, capacity);
    buffer->capacity = capacity;
  }
  memcpy(buffer->data + buffer->end, data, length);
  buffer->end += length;
}

void buffer_take(struct buffer *buffer, size_t length) {
  buffer->start += length;
  if (buffer->start == buffer->end) buffer->start = buffer->end = 0;
}

void put_u32(unsigned char *at, uint32_t value) {
  for (int i = 0; i < 4; i++) at[i] = (unsigned char)(value >> (8 * i));
}

uint32_t get_u32(const unsigned char *at) {
  return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

void queue_message(struct buffer *out, char type, const void *payload, size_t length) {
  unsigned char header[5] = {(unsigned char)type};
  put_u32(header + 1, (uint32_t)length);
  buffer_add(out, header, sizeof header);
  buffer_add(out, payload, length);
}

/* Writes what the control socket takes now; false when the service is gone. */
bool flush_some(struct buffer *out) {
  while (buffered(out) > 0) {
    ssize_t written = write(CONTROL_FD, out->data + out->start, buffered(out));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno == EAGAIN;
    buffer_take(out, (size_t)written);
  }
  return true;
}

/* Writes everything, waiting for the service to read; false when it is gone. */
bool flush_all(struct buffer *out) {
  while (flush_some(out)) {
    if (buffered(out) == 0) return true;
    struct pollfd wait = {CONTROL_FD, POLLOUT, 0};
    poll(&wait, 1, -1);
  }
  return false;
}

static ssize_t read_some(void *at, size_t length) {
  for (;;) {
    ssize_t got = read(CONTROL_FD, at, length);
    if (got < 0 && errno == EINTR) continue;
    return got;
  }
}

/*
 * Reads on at the message in hand: 1 when it is complete, 0 when the rest is
 * still to come (never with wait), -1 when the service is gone.
 */
int inbox_read(struct inbox *inbox, bool wait) {
  const size_t header = sizeof inbox->header;
  for (;;) {
    if (inbox->have >= header && inbox->have == header + inbox->length) return 1;
    const bool in_header = inbox->have < header;
    unsigned char *at =
        in_header ? inbox->header + inbox->have : inbox->payload + (inbox->have - header);
    ssize_t got = read_some(at, (in_header ? header : header + inbox->length) - inbox->have);
    if (got < 0 && errno == EAGAIN) {
      if (!wait) return 0;
      struct pollfd more = {CONTROL_FD, POLLIN, 0};
      poll(&more, 1, -1);
      continue;
    }
    if (got <= 0) return -1;
    inbox->have += (size_t)got;
    if (in_header && inbox->have == header) {
      inbox->length = get_u32(inbox->header + 1);
      if (inbox->length > MAX_PAYLOAD_BYTES) return -1;
      inbox->payload = take_memory(inbox->length);
    }
  }
}

void inbox_clear(struct inbox *inbox) {
  give_memory(inbox->payload, inbox->length);
  memset(inbox, 0, sizeof *inbox);
}

bool write_all(int fd, const void *data, size_t length) {
  const unsigned char *at = data;
  while (length > 0) {
    ssize_t written = write(fd, at, length);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    at += written;
    length -= (size_t)written;
  }
  return true;
}

bool read_all(int fd, void *data, size_t length) {
  unsigned char *at = data;
  while (length > 0) {
    ssize_t got = read(fd, at, length);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    length -= (size_t)got;
  }
  return true;
}
