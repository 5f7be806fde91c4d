/* What the processes of an execution use, read from its own /proc. */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "jail.h"

static bool read_proc(const char *pid, const char *name, char *text, size_t size) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%s/%s", pid, name);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  ssize_t got = read(fd, text, size - 1);
  close(fd);
  if (got <= 0) return false;
  text[got] = '\0';
  return true;
}

static uint64_t time_ms(struct timeval user, struct timeval system) {
  int64_t micros = (user.tv_sec + system.tv_sec) * 1000000LL + user.tv_usec + system.tv_usec;
  return (uint64_t)((micros + 500) / 1000);
}

uint64_t reaped_cpu_ms(void) {
  struct rusage used;
  getrusage(RUSAGE_CHILDREN, &used);
  return time_ms(used.ru_utime, used.ru_stime);
}

uint64_t reaped_peak_bytes(void) {
  struct rusage used;
  getrusage(RUSAGE_CHILDREN, &used);
  return (uint64_t)used.ru_maxrss * 1024;
}

/* Fields 14 to 17 of stat: user and system time, of itself and of children it waited for. */
static uint64_t ticks_of(const char *stat) {
  /* The command's name may hold spaces and parentheses. */
  const char *at = strrchr(stat, ')');
  unsigned long long user = 0, system = 0;
  long long child_user = 0, child_system = 0;
  if (at == NULL) return 0;
  sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %lld %lld", &user, &system,
         &child_user, &child_system);
  return user + system + (uint64_t)child_user + (uint64_t)child_system;
}

struct sums {
  uint64_t ticks, private, shared;
};

static void add_process(struct sums *sums, const char *name) {
  char stat[1024], statm[256];
  unsigned long long pages = 0, shared_pages = 0;
  if (!isdigit((unsigned char)name[0]) || strcmp(name, "1") == 0) return;
  if (!read_proc(name, "stat", stat, sizeof stat)) return;
  if (!read_proc(name, "statm", statm, sizeof statm)) return;
  sums->ticks += ticks_of(stat);
  sscanf(statm, "%*u %llu %llu", &pages, &shared_pages);
  sums->private += pages - shared_pages;
  if (shared_pages > sums->shared) sums->shared = shared_pages;
}

/*
 * CPU time and resident bytes of all processes but init. Children that were
 * waited for count in their parent's times, so the sum over the living plus what
 * init reaped is complete. Shared pages are counted once, private ones in each
 * process (also those that a fork still shares, so this is an upper bound).
 */
struct usage scan_processes(void) {
  const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
  const uint64_t tick_ms = 1000 / (uint64_t)sysconf(_SC_CLK_TCK);
  struct sums sums = {0};
  /* Not opendir, which allocates. */
  _Alignas(struct dirent64) char entries[4096];
  const int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  for (ssize_t size; proc >= 0 && (size = getdents64(proc, entries, sizeof entries)) > 0;) {
    for (ssize_t at = 0; at < size;) {
      const struct dirent64 *entry = (const struct dirent64 *)(entries + at);
      add_process(&sums, entry->d_name);
      at += entry->d_reclen;
    }
  }
  if (proc >= 0) close(proc);
  return (struct usage){sums.ticks * tick_ms + reaped_cpu_ms(), (sums.private + sums.shared) * page};
}

/* Private memory of this process, which the processes of programs begin with. */
uint64_t own_data_bytes(void) {
  char statm[256];
  unsigned long long pages = 0;
  if (!read_proc("self", "statm", statm, sizeof statm)) return 0;
  sscanf(statm, "%*u %*u %*u %*u %*u %llu", &pages);
  return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}
