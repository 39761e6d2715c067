/* Does to one semaphore what it is told, a line an order, by sem_open and its family. */
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static sem_t* one;

static int wait_for(long ms) {
  if (ms < 0) return sem_wait(one);
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += ms / 1000;
  until.tv_nsec += ms % 1000 * 1000000;
  if (until.tv_nsec >= 1000000000) {
    until.tv_sec += 1;
    until.tv_nsec -= 1000000000;
  }
  return sem_timedwait(one, &until);
}

static int count(const char* path, long times) {
  const int file = open(path, O_RDWR);
  for (long i = 0; i < times; ++i) {
    int64_t number = 0;
    sem_wait(one);
    if (pread(file, &number, 8, 0) != 8) return -1;
    ++number;
    if (pwrite(file, &number, 8, 0) != 8) return -1;
    sem_post(one);
  }
  return close(file);
}

int main(void) {
  char line[600];
  while (fgets(line, sizeof line, stdin) != NULL) {
    char order[16] = "", given[300] = "/";
    long number = 0;
    int value = 0, result = 0, answers = 0;
    sscanf(line, "%15s %298s %ld", order, given + 1, &number);
    errno = 0;
    if (strcmp(order, "create") == 0) {
      one = sem_open(given, O_CREAT | O_EXCL, 0600, (unsigned)number);
      result = one == SEM_FAILED ? -1 : 0;
    } else if (strcmp(order, "open") == 0) {
      one = sem_open(given, 0);
      result = one == SEM_FAILED ? -1 : 0;
    } else if (strcmp(order, "post") == 0) {
      result = sem_post(one);
    } else if (strcmp(order, "wait") == 0) {
      value = wait_for(atol(given + 1)) == 0;
      result = value == 0 && errno != ETIMEDOUT ? -1 : 0;
      answers = 1;
    } else if (strcmp(order, "value") == 0) {
      result = sem_getvalue(one, &value);
      answers = 1;
    } else if (strcmp(order, "count") == 0) {
      result = count(given + 1, number);
    } else if (strcmp(order, "unlink") == 0) {
      result = sem_unlink(given);
    }
    if (result != 0) {
      printf("error %d\n", errno);
    } else if (answers) {
      printf("%d\n", value);
    } else {
      printf("\n");
    }
    fflush(stdout);
  }
  return 0;
}
