#define _GNU_SOURCE
#include "CPosternCrypt.h"

#include <crypt.h>
#include <stdlib.h>
#include <string.h>

int postern_crypt(const char *phrase, const char *setting, char *output, size_t capacity) {
    int result = -1;
    struct crypt_data *data = calloc(1, sizeof *data);
    if (data == NULL) return -1;
    const char *hash = crypt_r(phrase, setting, data);
    if (hash != NULL && hash[0] != '*' && strlen(hash) < capacity) {
        memcpy(output, hash, strlen(hash) + 1);
        result = 0;
    }
    explicit_bzero(data, sizeof *data);
    free(data);
    return result;
}
