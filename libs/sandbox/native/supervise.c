/* Init: runs one program and tells what it did. It is the first process of the program's PID namespace. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "jail.h"

static const uint64_t TICK_NS = 20 * 1000000ull;
static const size_t CHUNK_BYTES = 65536;
/* While this much waits for the service, nothing more is read from the program. */
static const size_t MAX_QUEUED_BYTES = 512 * 1024;
/* Input that was taken is told in steps of at least this. */
static const uint32_t TAKEN_STEP_BYTES = 64 * 1024;

struct supervisor {
  struct execution *execution;
  struct request request;
  struct inbox inbox;
  struct buffer out, input, channel;
  unsigned char *chunk; /* CHUNK_BYTES */
  bool input_ends, main_ended;
  int main_status;
  uint32_t taken;
  uint64_t started_ns, peak_bytes;
};

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

static void close_fd(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

/* Takes everything that ended; remembers how the program itself did. */
static void reap(struct supervisor *self, int options) {
  int status;
  pid_t pid;
  while ((pid = waitpid(-1, &status, options)) > 0 || (pid < 0 && errno == EINTR)) {
    if (pid != self->execution->program) continue;
    self->main_ended = true;
    self->main_status = status;
  }
}

/* Everything in this namespace but init itself; again and again, should something be born meanwhile. */
static void end_all(struct supervisor *self) {
  do {
    kill(-1, SIGKILL);
    reap(self, 0);
  } while (kill(-1, 0) == 0);
}

static void count_taken(struct supervisor *self, size_t bytes) {
  self->taken += (uint32_t)bytes;
  if (self->taken < TAKEN_STEP_BYTES) return;
  unsigned char payload[4];
  put_u32(payload, self->taken);
  queue_message(&self->out, MESSAGE_TAKEN, payload, sizeof payload);
  self->taken = 0;
}

/* Passes waiting bytes to the program as far as it takes them. A closed end swallows the rest. */
static void feed(struct supervisor *self, int *fd, struct buffer *waiting) {
  while (buffered(waiting) > 0) {
    ssize_t written = *fd < 0 ? (ssize_t)buffered(waiting) : write(*fd, waiting->data + waiting->start, buffered(waiting));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) return;
    if (written < 0) {
      close_fd(fd);
      continue;
    }
    buffer_take(waiting, (size_t)written);
    count_taken(self, (size_t)written);
  }
}

/* Reads once from the program; false when there is nothing now. */
static bool relay(struct supervisor *self, int *fd, char type) {
  if (*fd < 0) return false;
  ssize_t got = read(*fd, self->chunk, CHUNK_BYTES);
  if (got > 0) {
    queue_message(&self->out, type, self->chunk, (size_t)got);
    return true;
  }
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  close_fd(fd);
  return false;
}

/* What is left in the pipes of a program whose every process has ended. */
static void relay_rest(struct supervisor *self) {
  struct execution *execution = self->execution;
  while (relay(self, &execution->output, MESSAGE_STDOUT)) flush_all(&self->out);
  while (relay(self, &execution->error, MESSAGE_STDERR)) flush_all(&self->out);
  while (relay(self, &execution->channel, MESSAGE_CHANNEL_OUT)) flush_all(&self->out);
}

/* Obeys one message; false when the program is to be stopped. */
static bool obey(struct supervisor *self) {
  struct execution *execution = self->execution;
  const struct inbox *inbox = &self->inbox;
  switch (inbox->header[0]) {
    case MESSAGE_STDIN:
      buffer_add(&self->input, inbox->payload, inbox->length);
      break;
    case MESSAGE_STDIN_END:
      self->input_ends = true;
      break;
    case MESSAGE_CHANNEL_IN:
      buffer_add(&self->channel, inbox->payload, inbox->length);
      break;
    case MESSAGE_SIGNAL:
      if (inbox->length == 1) kill(-execution->program, inbox->payload[0]);
      break;
    case MESSAGE_STOP:
      return false;
    default:
      break;
  }
  feed(self, &execution->input, &self->input);
  feed(self, &execution->channel, &self->channel);
  if (self->input_ends && buffered(&self->input) == 0) close_fd(&execution->input);
  return true;
}

/* All messages that are there; NULL, or why the program is to end. */
static const char *obey_all(struct supervisor *self) {
  for (;;) {
    int got = inbox_read(&self->inbox, false);
    if (got < 0) _exit(1); /* the service is gone, and with this process all others end */
    if (got == 0) return NULL;
    bool go_on = obey(self);
    inbox_clear(&self->inbox);
    if (!go_on) return "stopped";
  }
}

static const char *check_usage(struct supervisor *self) {
  struct usage usage = scan_processes();
  if (usage.cpu_ms >= self->request.cpu_ms) return "cpu";
  if (!self->request.watch_memory) return NULL;
  if (usage.resident_bytes > self->peak_bytes) self->peak_bytes = usage.resident_bytes;
  return usage.resident_bytes > self->request.memory_bytes ? "memory" : NULL;
}

/* Waits until something is to be done, and does it. */
static const char *wait_and_serve(struct supervisor *self, uint64_t wait_ns) {
  struct execution *execution = self->execution;
  const bool read_more = buffered(&self->out) < MAX_QUEUED_BYTES;
  const short reading = read_more ? POLLIN : 0;
  const short feeding = buffered(&self->input) > 0 ? POLLOUT : 0;
  const short channel = (short)(reading | (buffered(&self->channel) > 0 ? POLLOUT : 0));
  struct pollfd fds[] = {
      {CONTROL_FD, (short)(POLLIN | (buffered(&self->out) > 0 ? POLLOUT : 0)), 0},
      {execution->pidfd, POLLIN, 0},
      {read_more ? execution->output : -1, reading, 0},
      {read_more ? execution->error : -1, reading, 0},
      {channel != 0 ? execution->channel : -1, channel, 0},
      {feeding != 0 ? execution->input : -1, feeding, 0},
  };
  const struct timespec wait = {(time_t)(wait_ns / 1000000000ull), (long)(wait_ns % 1000000000ull)};
  if (ppoll(fds, sizeof fds / sizeof *fds, &wait, NULL) <= 0) return NULL;
  if (fds[2].revents != 0) relay(self, &execution->output, MESSAGE_STDOUT);
  if (fds[3].revents != 0) relay(self, &execution->error, MESSAGE_STDERR);
  if ((fds[4].revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
    relay(self, &execution->channel, MESSAGE_CHANNEL_OUT);
  }
  if ((fds[4].revents & POLLOUT) != 0) feed(self, &execution->channel, &self->channel);
  if (fds[5].revents != 0) feed(self, &execution->input, &self->input);
  if (self->input_ends && buffered(&self->input) == 0) close_fd(&execution->input);
  if (fds[1].revents != 0) reap(self, WNOHANG);
  const char *reason = (fds[0].revents & ~POLLOUT) != 0 ? obey_all(self) : NULL;
  if (!flush_some(&self->out)) _exit(1);
  return reason;
}

/* Why it ended: exit, wall, cpu, memory or stopped. */
static const char *run(struct supervisor *self) {
  const uint64_t deadline = self->started_ns + self->request.wall_ms * 1000000ull;
  uint64_t next_scan = self->started_ns + TICK_NS;
  for (;;) {
    if (self->main_ended) return "exit";
    uint64_t now = now_ns();
    if (now >= deadline) return "wall";
    if (now >= next_scan) {
      reap(self, WNOHANG); /* orphans, which would count as processes */
      const char *reason = self->main_ended ? "exit" : check_usage(self);
      if (reason != NULL) return reason;
      next_scan = now_ns() + TICK_NS;
    }
    now = now_ns();
    const uint64_t until = next_scan < deadline ? next_scan : deadline;
    const char *reason = wait_and_serve(self, until > now ? until - now : 0);
    if (reason != NULL) return reason;
  }
}

static void add_number(struct buffer *report, uint32_t *count, int64_t number) {
  char text[24];
  int length = snprintf(text, sizeof text, "%lld", (long long)number);
  add_field(report, count, text, (size_t)length);
}

/* The report: reason, exit code or minus the signal, CPU ms, wall ms, peak bytes, then paths and contents. */
static void report_end(struct supervisor *self, const char *reason) {
  const uint64_t wall_ms = (now_ns() - self->started_ns + 500000) / 1000000;
  const uint64_t cpu_ms = reaped_cpu_ms();
  const int status = self->main_status;
  const int code = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
  /* The kernel's own CPU limit has whole seconds and ends one process only. */
  if (strcmp(reason, "exit") == 0 && (code == -SIGXCPU || code == -SIGKILL) && cpu_ms >= self->request.cpu_ms) {
    reason = "cpu";
  }
  const uint64_t reaped = reaped_peak_bytes();
  struct buffer report = {0};
  uint32_t count = 0;
  unsigned char header[4] = {0};
  buffer_add(&report, header, sizeof header);
  add_field(&report, &count, reason, strlen(reason));
  add_number(&report, &count, code);
  add_number(&report, &count, (int64_t)cpu_ms);
  add_number(&report, &count, (int64_t)wall_ms);
  add_number(&report, &count, (int64_t)(reaped > self->peak_bytes ? reaped : self->peak_bytes));
  add_outputs(&report, &count, &self->request);
  put_u32(report.data, count);
  queue_message(&self->out, MESSAGE_ENDED, report.data, buffered(&report));
}

/* The service writes whole messages only: the next init must find the beginning of one. */
static _Noreturn void finish(struct supervisor *self) {
  if (self->inbox.have > 0 && inbox_read(&self->inbox, true) < 0) _exit(1);
  _exit(flush_all(&self->out) ? 0 : 1);
}

/* What comes before a program is meant for one that has ended. */
static void await_request(struct supervisor *self) {
  for (;;) {
    if (inbox_read(&self->inbox, true) < 0) _exit(1);
    if (self->inbox.header[0] == MESSAGE_RUN) break;
    inbox_clear(&self->inbox);
  }
  if (!read_request(&self->request, self->inbox.payload, self->inbox.length)) _exit(2);
  /* The request points into the message. */
  memset(&self->inbox, 0, sizeof self->inbox);
}

_Noreturn void supervise(struct execution *execution) {
  struct supervisor self;
  memset(&self, 0, sizeof self);
  self.execution = execution;
  self.chunk = take_memory(CHUNK_BYTES);
  queue_message(&self.out, MESSAGE_READY, NULL, 0);
  if (!flush_all(&self.out)) _exit(1);
  await_request(&self);
  if (!resize_disk(self.request.disk_bytes)) _exit(3);
  if (!drop_capabilities()) _exit(4);
  const char *problem = place_files(&self.request);
  if (problem != NULL) {
    char text[160];
    int length = snprintf(text, sizeof text, "the files could not be placed: %s", problem);
    end_all(&self);
    queue_message(&self.out, MESSAGE_REFUSED, text, (size_t)length);
    finish(&self);
  }
  self.started_ns = now_ns();
  queue_message(&self.out, MESSAGE_STARTED, NULL, 0);
  if (!flush_some(&self.out)) _exit(1);
  send_to_program(execution->request, &self.request, execution->own_data_bytes);
  close_fd(&execution->request);
  const char *reason = run(&self);
  end_all(&self);
  relay_rest(&self);
  report_end(&self, reason);
  finish(&self);
}
