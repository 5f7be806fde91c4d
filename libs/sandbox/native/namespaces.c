/* Namespaces, mounts, and what a process gives up before it runs code. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "jail.h"

static const unsigned long TMPFS_FLAGS = MS_NOSUID | MS_NODEV;
static const uint64_t PAGE_BYTES = 4096;
static const uint64_t MIN_INODES = 256;
static const uint64_t MAX_INODES = 16384;

/* Once, in the interpreter: nobody reads its memory, and no mount of a clone comes back to it. */
bool prepare_interpreter(void) {
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return false;
  /* The outer jail's mounts belong to a user namespace above ours, see bubblewrap's --disable-userns. */
  if (unshare(CLONE_NEWNS) != 0) return false;
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return false;
  for (unsigned long capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++) {
    if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) return false;
  }
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

/* Runs init in fresh namespaces, in this process's memory; returns once it has ended. */
pid_t clone_into_namespaces(int (*init)(void *)) {
  const int flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_VM | CLONE_VFORK;
  return clone(init, init_stack_top(), flags | SIGCHLD, NULL);
}

/*
 * One tmpfs holds both /tmp and /dev/shm, so that one size limits them together,
 * and /proc shows the new PID namespace alone.
 */
bool make_private_root(void) {
  return mount("tmpfs", "/tmp", "tmpfs", TMPFS_FLAGS, "size=1m,nr_inodes=256,mode=755") == 0 &&
         mkdir("/tmp/shm", 0755) == 0 && mkdir("/tmp/tmp", 0755) == 0 &&
         mkdir("/tmp/tmp/work", 0755) == 0 &&
         mount("/tmp/shm", "/dev/shm", NULL, MS_BIND, NULL) == 0 &&
         mount("/tmp/tmp", "/tmp", NULL, MS_BIND, NULL) == 0 &&
         mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0 &&
         chdir("/tmp/work") == 0;
}

/* Gives the tmpfs the size that the request allows; needs CAP_SYS_ADMIN. */
bool resize_disk(uint64_t bytes) {
  uint64_t inodes = bytes / PAGE_BYTES;
  if (inodes < MIN_INODES) inodes = MIN_INODES;
  if (inodes > MAX_INODES) inodes = MAX_INODES;
  char options[96];
  snprintf(options, sizeof options, "size=%llu,nr_inodes=%llu", (unsigned long long)bytes,
           (unsigned long long)inodes);
  return mount(NULL, "/tmp", NULL, MS_REMOUNT | TMPFS_FLAGS, options) == 0;
}

bool drop_capabilities(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct none[2];
  memset(none, 0, sizeof none);
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  return syscall(SYS_capset, &header, none) == 0;
}

/* The last step of a program's process: from here on it is as any code in a jail. */
bool become_unprivileged(const unsigned char *filter, size_t filter_bytes) {
  if (!drop_capabilities() || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
  if (filter_bytes == 0) return true;
  struct sock_fprog program = {(unsigned short)(filter_bytes / sizeof(struct sock_filter)),
                               (struct sock_filter *)filter};
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

static void limit(int resource, uint64_t wanted) {
  struct rlimit now;
  if (getrlimit(resource, &now) != 0) _exit(71);
  rlim_t value = now.rlim_max != RLIM_INFINITY && now.rlim_max < wanted ? now.rlim_max : wanted;
  if (setrlimit(resource, &(struct rlimit){value, value}) != 0) _exit(71);
}

void set_program_limits(const struct program_setup *setup) {
  /* Not 0: the kernel pays that no heed where dumps are piped to a program of the machine. */
  limit(RLIMIT_CORE, 1);
  limit(RLIMIT_CPU, setup->cpu_seconds);
  limit(RLIMIT_DATA, setup->data_bytes);
  limit(RLIMIT_FSIZE, setup->disk_bytes);
  limit(RLIMIT_MEMLOCK, 0);
  limit(RLIMIT_NOFILE, 512);
  limit(RLIMIT_MSGQUEUE, 65536);
  limit(RLIMIT_SIGPENDING, 1024);
  limit(RLIMIT_NICE, 0);
  limit(RLIMIT_RTPRIO, 0);
  /* The interpreter and init have the same user. */
  limit(RLIMIT_NPROC, setup->processes + 2);
}
