/*
 * The jail helper: a shared library that a pre-forked Python interpreter loads.
 *
 * The interpreter is the first process of an outer jail. For each execution it
 * is cloned into fresh PID, mount, IPC and UTS namespaces: the clone, called
 * init, is C code only, and holds the control socket to the service. Init forks
 * the program's process, which gives up every privilege and every descriptor of
 * ours before it returns to Python and reads the program's source.
 *
 * Init borrows the interpreter's memory, as after vfork, while the interpreter
 * sleeps: a copy would cost as much as the program's own. It writes only to its
 * stack and to the arena (memory.c), which are wiped between two executions, and
 * never allocates elsewhere: no program finds another one's source or data in
 * the memory that it inherits.
 */
#ifndef FLOW_JAIL_H
#define FLOW_JAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Descriptors that the outer jail starts with, and that a program ends up with. */
enum { CONTROL_FD = 3, REQUEST_FD = 3, CHANNEL_FD = 4 };

/* Messages have a type (one byte), a length (u32, little-endian) and a payload. */
enum message_from_service {
  MESSAGE_CONFIGURE = 'C', /* the system call filter; once, before all else */
  MESSAGE_RUN = 'R',       /* a program, see request.c */
  MESSAGE_STDIN = 'I',
  MESSAGE_STDIN_END = 'E',
  MESSAGE_CHANNEL_IN = 'F',
  MESSAGE_SIGNAL = 'S', /* one byte: its number */
  MESSAGE_STOP = 'X'
};
enum message_to_service {
  MESSAGE_READY = 'y', /* an init waits for a program */
  MESSAGE_STARTED = 's',
  MESSAGE_STDOUT = 'o',
  MESSAGE_STDERR = 'e',
  MESSAGE_CHANNEL_OUT = 'f',
  MESSAGE_TAKEN = 'a',   /* u32: bytes of stdin and channel that the program took */
  MESSAGE_REFUSED = 'r', /* one sentence; the program was not started */
  MESSAGE_ENDED = 'd'    /* see supervise.c */
};

/* Bytes with a front and a back: [start, end) of data. */
struct buffer {
  unsigned char *data;
  size_t start, end, capacity;
};

/* One message on its way in. It is read exactly: never a byte of the next one. */
struct inbox {
  unsigned char header[5];
  size_t have; /* of header and payload together */
  unsigned char *payload;
  size_t length; /* of the payload */
};

/* A byte string inside a message. */
struct field {
  const unsigned char *data;
  size_t length;
};

/* What the service asks for. Fields point into the message. */
struct request {
  struct field file_name, source;
  uint64_t wall_ms, cpu_ms, memory_bytes, data_bytes, processes, disk_bytes;
  uint64_t output_total_bytes;
  bool keep_channel, watch_memory;
  size_t arg_count, env_count, file_count, output_count;
  struct field *args, *env, *files, *outputs; /* env and files: pairs */
};

/*
 * What the program's process is told before it runs code. The source follows,
 * then, unless there is none of it, a list of byte strings: variables in pairs,
 * an empty one, arguments.
 */
struct program_setup {
  uint64_t cpu_seconds, data_bytes, disk_bytes, processes;
  uint64_t source_bytes, rest_bytes, keep_channel;
};

/* An execution seen from init: the process, and our ends of its pipes. */
struct execution {
  pid_t program;
  int pidfd;
  int request, input, output, error, channel; /* -1: closed */
  uint64_t own_data_bytes;                    /* private memory that the program's process begins with */
};

/* memory.c */
bool make_init_memory(void);
void *init_stack_top(void);
void wipe_init_memory(void);
void *take_memory(size_t bytes);
void *grow_memory(void *block, size_t old_bytes, size_t bytes);
void give_memory(void *block, size_t bytes);

/* Nearly the greatest block that malloc takes from its heap by default. */
enum { HEAP_PIECE_BYTES = 120 * 1024 };

/* large-pages.c */
void use_large_pages(void);

/* wire.c */
size_t buffered(const struct buffer *buffer);
void buffer_add(struct buffer *buffer, const void *data, size_t length);
void buffer_take(struct buffer *buffer, size_t length);
void put_u32(unsigned char *at, uint32_t value);
uint32_t get_u32(const unsigned char *at);
void queue_message(struct buffer *out, char type, const void *payload, size_t length);
bool flush_some(struct buffer *out);
bool flush_all(struct buffer *out);
int inbox_read(struct inbox *inbox, bool wait);
void inbox_clear(struct inbox *inbox);
bool write_all(int fd, const void *data, size_t length);
bool read_all(int fd, void *data, size_t length);

/* request.c */
bool read_request(struct request *request, const unsigned char *message, size_t length);
const char *place_files(const struct request *request);
void send_to_program(int fd, const struct request *request, uint64_t own_data_bytes);
void add_outputs(struct buffer *report, uint32_t *count, const struct request *request);
void add_field(struct buffer *list, uint32_t *count, const void *data, size_t length);

/* namespaces.c */
bool prepare_interpreter(void);
pid_t clone_into_namespaces(int (*init)(void *));
bool make_private_root(void);
bool resize_disk(uint64_t bytes);
bool drop_capabilities(void);
bool become_unprivileged(const unsigned char *filter, size_t filter_bytes);
void set_program_limits(const struct program_setup *setup);

/* python.c */
_Noreturn void run_program(void *callable);
void fill_holes(void);

/* processes.c */
struct usage {
  uint64_t cpu_ms, resident_bytes;
};
struct usage scan_processes(void);
uint64_t own_data_bytes(void);
uint64_t reaped_cpu_ms(void);
uint64_t reaped_peak_bytes(void);

/* supervise.c */
_Noreturn void supervise(struct execution *execution);

#endif
