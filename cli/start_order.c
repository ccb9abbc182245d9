// SPDX-License-Identifier: MIT
// A tool of the build: runs a program on some files, sees which functions it
// enters, and writes a linker script that puts these next to each other. What a
// short run touches is then a tenth of the pages that it would be, spread over
// the program. Variables of more than half a page, most of which a short run
// does not come to, stand behind all others for the same reason.
//
//   start_order PROGRAM OUTPUT FILE...
//
// Each function has a breakpoint on its first byte, which is taken away when it
// is hit: a run costs as many stops as it uses functions. Where tracing is not
// allowed the script is empty, and that is said.
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BREAKPOINT = 0xcc, PAGE = 4096 };

typedef struct Function {
  uint64_t address; // as in the file
  const char *name;
  bool entered;
} Function;

typedef struct Program {
  const char *path;
  const uint8_t *bytes;
  const Elf64_Ehdr *header;
  const Elf64_Shdr *sections;
  const Elf64_Shdr *text, *zeroed; // .text, .bss
  const Elf64_Sym *symbols;
  const char *symbol_names;
  size_t symbol_count;
  Function *functions; // by address
  size_t count;
} Program;

static int by_address(const void *a, const void *b) {
  uint64_t x = ((const Function *)a)->address;
  uint64_t y = ((const Function *)b)->address;
  return x < y ? -1 : x > y;
}

static bool find_symbols(Program *p) {
  const Elf64_Ehdr *header = p->header = (const void *)p->bytes;
  if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
      header->e_ident[EI_CLASS] != ELFCLASS64)
    return false;
  p->sections = (const void *)(p->bytes + header->e_shoff);
  const char *section_names =
      (const char *)p->bytes + p->sections[header->e_shstrndx].sh_offset;
  const Elf64_Shdr *table = NULL;
  for (int i = 0; i < header->e_shnum; i++) {
    const char *name = section_names + p->sections[i].sh_name;
    if (p->sections[i].sh_type == SHT_SYMTAB) table = &p->sections[i];
    if (strcmp(name, ".text") == 0) p->text = &p->sections[i];
    if (strcmp(name, ".bss") == 0) p->zeroed = &p->sections[i];
  }
  if (table == NULL || p->text == NULL) return false;
  p->symbols = (const void *)(p->bytes + table->sh_offset);
  p->symbol_count = table->sh_size / sizeof *p->symbols;
  p->symbol_names =
      (const char *)p->bytes + p->sections[table->sh_link].sh_offset;
  return true;
}

static bool read_functions(Program *p) {
  p->functions = calloc(p->symbol_count, sizeof *p->functions);
  if (p->functions == NULL) return false;
  for (size_t i = 0; i < p->symbol_count; i++) {
    const Elf64_Sym *s = &p->symbols[i];
    if (ELF64_ST_TYPE(s->st_info) != STT_FUNC || s->st_size == 0 ||
        &p->sections[s->st_shndx] != p->text)
      continue;
    p->functions[p->count++] =
        (Function){s->st_value, p->symbol_names + s->st_name, false};
  }
  qsort(p->functions, p->count, sizeof *p->functions, by_address);
  return p->count > 0;
}

static bool open_program(Program *p, const char *path) {
  struct stat info;
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0 || fstat(file, &info) != 0) return false;
  void *bytes =
      mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, file, 0);
  close(file);
  p->path = path;
  p->bytes = bytes;
  return bytes != MAP_FAILED && find_symbols(p) && read_functions(p);
}

// Where the file's address 0 is in the process; -1: unknown.
static int64_t load_bias(const Program *p, pid_t pid) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/auxv", (int)pid);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  Elf64_auxv_t entry;
  int64_t bias = -1;
  while (file >= 0 && read(file, &entry, sizeof entry) == sizeof entry) {
    if (entry.a_type == AT_ENTRY)
      bias = (int64_t)(entry.a_un.a_val - p->header->e_entry);
  }
  if (file >= 0) close(file);
  return bias;
}

// Exchanges the first byte of every function that has not been entered yet.
static bool set_breakpoints(const Program *p, int memory, uint64_t bias) {
  size_t size = p->text->sh_size;
  uint8_t *copy = malloc(size);
  if (copy == NULL) return false;
  memcpy(copy, p->bytes + p->text->sh_offset, size);
  for (size_t i = 0; i < p->count; i++) {
    if (!p->functions[i].entered)
      copy[p->functions[i].address - p->text->sh_addr] = BREAKPOINT;
  }
  off_t at = (off_t)(bias + p->text->sh_addr);
  bool done = pwrite(memory, copy, size, at) == (ssize_t)size;
  free(copy);
  return done;
}

// A thread hit a breakpoint: false if there is none.
static bool enter(Program *p, pid_t thread, int memory, uint64_t bias,
                  FILE *out) {
  struct user_regs_struct registers;
  if (ptrace(PTRACE_GETREGS, thread, NULL, &registers) != 0) return false;
  Function key = {.address = registers.rip - 1 - bias};
  Function *found =
      bsearch(&key, p->functions, p->count, sizeof key, by_address);
  if (found == NULL) return false;
  uint64_t offset = found->address - p->text->sh_addr;
  (void)pwrite(memory, p->bytes + p->text->sh_offset + offset, 1,
               (off_t)(registers.rip - 1));
  registers.rip--;
  ptrace(PTRACE_SETREGS, thread, NULL, &registers);
  // Functions with the same code may have several names.
  while (found > p->functions && found[-1].address == key.address)
    found--;
  for (; found < p->functions + p->count && found->address == key.address;
       found++) {
    if (!found->entered) fprintf(out, "    *(.text.%s)\n", found->name);
    found->entered = true;
  }
  return true;
}

static bool follow(Program *p, pid_t pid, FILE *out) {
  int status;
  char path[64];
  if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status)) return false;
  ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL);
  snprintf(path, sizeof path, "/proc/%d/mem", (int)pid);
  int memory = open(path, O_RDWR | O_CLOEXEC);
  int64_t bias = load_bias(p, pid);
  bool set =
      memory >= 0 && bias >= 0 && set_breakpoints(p, memory, (uint64_t)bias);
  if (!set) {
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
  }
  pid_t thread = pid;
  int signal = 0;
  while (set) {
    ptrace(PTRACE_CONT, thread, NULL, (void *)(intptr_t)signal);
    do {
      thread = waitpid(-1, &status, __WALL);
    } while (thread > 0 && !WIFSTOPPED(status) && thread != pid);
    if (thread <= 0 || !WIFSTOPPED(status)) break;
    signal = WSTOPSIG(status);
    // Of a new thread both the event and the first stop are no signals.
    if (status >> 16 != 0 || signal == SIGSTOP ||
        (signal == SIGTRAP && enter(p, thread, memory, (uint64_t)bias, out)))
      signal = 0;
  }
  if (memory >= 0) close(memory);
  return set && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool run(Program *p, const char *file, FILE *out) {
  pid_t pid = fork();
  if (pid == 0) {
    int null = open("/dev/null", O_RDWR);
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0)
      execl(p->path, p->path, "run", file, (char *)NULL);
    _exit(127);
  }
  return pid > 0 && follow(p, pid, out);
}

static void write_large_variables(const Program *p, FILE *out) {
  for (size_t i = 0; i < p->symbol_count; i++) {
    const Elf64_Sym *s = &p->symbols[i];
    if (ELF64_ST_TYPE(s->st_info) == STT_OBJECT && s->st_size > PAGE / 2 &&
        &p->sections[s->st_shndx] == p->zeroed)
      fprintf(out, "    *(.bss.%s)\n", p->symbol_names + s->st_name);
  }
}

int main(int argc, char **argv) {
  Program program = {0};
  FILE *out = argc > 3 ? fopen(argv[2], "w") : NULL;
  if (out == NULL || !open_program(&program, argv[1])) {
    fprintf(stderr, "start_order PROGRAM OUTPUT FILE...\n");
    return 1;
  }
  fprintf(out, "SECTIONS {\n  .text.start : {\n");
  for (int i = 3; i < argc; i++) {
    if (!run(&program, argv[i], out))
      fprintf(stderr, "start_order: cannot trace %s: %s\n", argv[i],
              strerror(errno));
  }
  fprintf(out, "  }\n} INSERT BEFORE .text;\n");
  fprintf(out, "SECTIONS {\n  .bss.large (NOLOAD) : {\n");
  write_large_variables(&program, out);
  fprintf(out, "  }\n} INSERT AFTER .bss;\n");
  return fclose(out) == 0 ? 0 : 1;
}
