/* Preloaded into a program, this counts and notes its calls that change or sync files under the folders POSTERN_CALLS_IN
 * (separated by colons), and lets the one whose number it is told fail, or do nothing and say that it did. It is told in the
 * file POSTERN_CALLS while the program runs; struct control says how. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WRITE, SYNC, TRUNCATE, RENAME, UNLINK, MAKE };
enum { NOTES = 16384 };

struct note {
    int16_t call, was_chosen;
    int32_t has_failed;
    int64_t offset, length;
    char path[104];
};

struct control {
    _Atomic int64_t chosen; /* from 1; 0: none; -1: those that fail by themselves, which then say that they did not */
    _Atomic int64_t counted;
    _Atomic int64_t noted;
    int32_t error;    /* for errno; 0: the call does nothing and says that it did */
    char suffix[36];  /* paths that do not end so are not counted */
    struct note notes[NOTES];
};

static struct control *control;
static const char *folders;


__attribute__((constructor)) static void find(void) {
    const char *path = getenv("POSTERN_CALLS");
    folders = getenv("POSTERN_CALLS_IN");
    int file = path && folders ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0) abort();
    void *map = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (map == MAP_FAILED) abort();
    close(file);
    control = map;
}

static int is_inside(const char *path) {
    for (const char *folder = folders; folder && *folder;) {
        size_t length = strcspn(folder, ":");
        if (strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == 0)) return 1;
        folder += length + (folder[length] == ':');
    }
    return 0;
}

static int ends_with(const char *path, const char *suffix) {
    size_t length = strlen(path), wanted = strlen(suffix);
    return length >= wanted && strcmp(path + length - wanted, suffix) == 0;
}

static struct note spare;

static struct note *note_down(int call, const char *path, int64_t offset, int64_t length) {
    int64_t place = atomic_fetch_add(&control->noted, 1);
    if (place >= NOTES) abort();
    struct note *note = &control->notes[place];
    size_t skipped = strlen(path) >= sizeof note->path ? strlen(path) - sizeof note->path + 1 : 0;
    strcpy(note->path, path + skipped);
    note->call = call;
    note->offset = offset;
    note->length = length;
    note->was_chosen = note->has_failed = 0;
    return note;
}

/* The note of a call, which counts, or the spare one where it is not meant. */
static struct note *noted(int call, const char *path, int64_t offset, int64_t length) {
    if (!control || !is_inside(path)) return &spare;
    struct note *note = note_down(call, path, offset, length);
    if (ends_with(path, control->suffix))
        note->was_chosen = atomic_fetch_add(&control->counted, 1) + 1 == control->chosen;
    return note;
}

static struct note *noted_file(int call, int file, int64_t offset, int64_t length) {
    int before = errno;
    char link[32], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t size = readlink(link, path, sizeof path - 1);
    errno = before;
    if (size <= 0) return &spare;
    path[size] = 0;
    return noted(call, path, offset, length);
}

static long outcome(long success) {
    if (control->error == 0) return success;
    errno = control->error;
    return -1;
}

#define REAL(name) static typeof(name) *real; if (!real) real = (typeof(name) *)dlsym(RTLD_NEXT, #name)

#define DO(this_note, success, made) \
    struct note *note = this_note; \
    if (note->was_chosen) return outcome(success); \
    long result = made; \
    if (result >= 0 || note == &spare) return result; \
    note->has_failed = 1; \
    return control->chosen == -1 ? success : result

ssize_t write(int file, const void *octets, size_t count) {
    REAL(write);
    DO(noted_file(WRITE, file, -1, count), count, real(file, octets, count));
}

ssize_t pwrite(int file, const void *octets, size_t count, off_t offset) {
    REAL(pwrite);
    DO(noted_file(WRITE, file, offset, count), count, real(file, octets, count, offset));
}

ssize_t pwrite64(int file, const void *octets, size_t count, off64_t offset) {
    REAL(pwrite64);
    DO(noted_file(WRITE, file, offset, count), count, real(file, octets, count, offset));
}

int fsync(int file) {
    REAL(fsync);
    DO(noted_file(SYNC, file, 0, 0), 0, real(file));
}

int fdatasync(int file) {
    REAL(fdatasync);
    DO(noted_file(SYNC, file, 0, 0), 0, real(file));
}

int ftruncate(int file, off_t length) {
    REAL(ftruncate);
    DO(noted_file(TRUNCATE, file, 0, length), 0, real(file, length));
}

int ftruncate64(int file, off64_t length) {
    REAL(ftruncate64);
    DO(noted_file(TRUNCATE, file, 0, length), 0, real(file, length));
}

int rename(const char *path, const char *target) {
    REAL(rename);
    /* The folder that it leaves is changed too. */
    if (control && is_inside(path)) note_down(UNLINK, path, 0, 0);
    DO(noted(RENAME, target, 0, 0), 0, real(path, target));
}

int unlink(const char *path) {
    REAL(unlink);
    DO(noted(UNLINK, path, 0, 0), 0, real(path));
}

int mkdir(const char *path, mode_t mode) {
    REAL(mkdir);
    DO(noted(MAKE, path, 0, 0), 0, real(path, mode));
}
