#ifndef CPOSTERN_CRYPT_H
#define CPOSTERN_CRYPT_H

#include <stddef.h>

/// Hashes a phrase with crypt(3) by the method, cost and salt that `setting` names (a whole stored hash is a setting).
///
/// Safe to call from several threads at once. The working memory (32 KiB and more) comes from the heap and is erased.
///
/// - `phrase`, `setting`: ended by a NUL.
/// - `output`: receives the hash, ended by a NUL; untouched on failure.
/// - Returns 0; or -1 where the method is unknown, refused or too costly for the system, memory is short, or `output` is
///   too small. crypt(3)'s failure tokens (`*0`, `*1`) are failures here, never hashes.
int postern_crypt(const char *phrase, const char *setting, char *output, size_t capacity);

#endif
