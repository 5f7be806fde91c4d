/* The interpreter's loop: one clone after another, each with namespaces and an init of its own. */
/* The leap from one stack to another is meant. */
#undef _FORTIFY_SOURCE
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jail.h"

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif

#define EXPORTED __attribute__((visibility("default")))

/* Signals that init, which the program can send some to, must not heed, and what they did before. */
static const int handled[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
enum { HANDLED = sizeof handled / sizeof *handled };
static struct sigaction former[HANDLED];

static struct {
  unsigned char *filter;
  size_t filter_bytes;
  uint64_t own_data_bytes;
} configuration;

/* Where the program's process leaves the stack of init, to return to Python. */
static jmp_buf python_stack;

static _Noreturn void fail(const char *what, int code) {
  char text[160];
  int length = snprintf(text, sizeof text, "jail helper: %s: %s\n", what, strerror(errno));
  if (length > 0) write_all(2, text, (size_t)length);
  _exit(code);
}

static void close_from(int first, int last) {
  if (first > last || syscall(SYS_close_range, first, last, 0) == 0) return;
  for (int fd = first; fd <= last && fd < 65536; fd++) close(fd);
}

/* The program's ends of the pipes that it shares with init. */
struct ends {
  int input, output, error, request, channel;
};

/*
 * In the program's process, before anything of the program is known here: it
 * takes its descriptors and gives up all privileges.
 */
static _Noreturn void become_program(struct ends ends) {
  /* Above the numbers that are about to be taken. */
  int request = fcntl(ends.request, F_DUPFD, 64), channel = fcntl(ends.channel, F_DUPFD, 64);
  if (request < 0 || channel < 0 || dup2(ends.input, 0) < 0 || dup2(ends.output, 1) < 0 ||
      dup2(ends.error, 2) < 0 || dup2(request, REQUEST_FD) < 0 || dup2(channel, CHANNEL_FD) < 0) {
    _exit(72);
  }
  close_from(CHANNEL_FD + 1, 0x7fffffff);
  for (size_t i = 0; i < HANDLED; i++) sigaction(handled[i], &former[i], NULL);
  if (setsid() < 0) _exit(73);
  /* Only now: /proc/self belongs to root until then. */
  if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0) _exit(74);
  int preference = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (preference >= 0) {
    write_all(preference, "1000", 4); /* a preference only: this process dies before init */
    close(preference);
  }
  if (!become_unprivileged(configuration.filter, configuration.filter_bytes)) _exit(76);
  longjmp(python_stack, 1);
}

static void make_pair(int pair[2], bool both_ways) {
  int failed = both_ways ? socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) : pipe2(pair, O_CLOEXEC);
  if (failed != 0) fail("pipes", 20);
}

static int non_blocking(int fd) {
  if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0) fail("pipes", 20);
  return fd;
}

/* The first process of a fresh namespace. The program's process leaves it for Python. */
static int become_init(void *unused) {
  (void)unused;
  int input[2], output[2], error[2], request[2], channel[2];
  char confirmed;
  if (!make_private_root()) fail("mounts", 21);
  make_pair(input, false);
  make_pair(output, false);
  make_pair(error, false);
  make_pair(request, true);
  make_pair(channel, true);
  pid_t program = fork();
  if (program < 0) fail("fork", 22);
  if (program == 0) {
    become_program((struct ends){input[0], output[1], error[1], request[0], channel[1]});
  }
  close(input[0]);
  close(output[1]);
  close(error[1]);
  close(request[0]);
  close(channel[1]);
  struct execution execution = {
      .program = program,
      .pidfd = (int)syscall(SYS_pidfd_open, program, 0),
      .request = request[1],
      .input = non_blocking(input[1]),
      .output = non_blocking(output[0]),
      .error = non_blocking(error[0]),
      .channel = non_blocking(channel[0]),
      .own_data_bytes = configuration.own_data_bytes,
  };
  if (execution.pidfd < 0) fail("pidfd", 23);
  if (!read_all(execution.request, &confirmed, 1)) fail("the program's process", 24);
  supervise(&execution);
}

static void read_configuration(void) {
  struct inbox inbox;
  memset(&inbox, 0, sizeof inbox);
  if (inbox_read(&inbox, true) < 0 || inbox.header[0] != MESSAGE_CONFIGURE) fail("configuration", 10);
  configuration.filter_bytes = inbox.length;
  configuration.filter = malloc(inbox.length + 1);
  if (configuration.filter == NULL) fail("configuration", 10);
  memcpy(configuration.filter, inbox.payload, inbox.length);
}

/*
 * Called once by the interpreter, with the lock of Python. Each program's process
 * calls back; the interpreter stays inside until the service is gone or
 * something goes wrong, and then ends the whole outer jail.
 */
EXPORTED _Noreturn void flow_serve(void *callable) {
  fcntl(CONTROL_FD, F_SETFL, O_NONBLOCK);
  fcntl(CONTROL_FD, F_SETFD, FD_CLOEXEC);
  for (size_t i = 0; i < HANDLED; i++) {
    sigaction(handled[i], &(struct sigaction){.sa_handler = SIG_IGN}, &former[i]);
  }
  fill_holes();
  use_large_pages();
  configuration.own_data_bytes = own_data_bytes();
  if (!make_init_memory()) fail("memory", 11);
  read_configuration();
  if (!prepare_interpreter()) fail("preparing the interpreter", 11);
  if (setjmp(python_stack) != 0) run_program(callable);
  for (;;) {
    int status;
    wipe_init_memory();
    pid_t init = clone_into_namespaces(become_init);
    if (init < 0) fail("clone", 12);
    while (waitpid(init, &status, 0) < 0) {
      if (errno != EINTR) fail("waiting", 13);
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) _exit(14);
  }
}
