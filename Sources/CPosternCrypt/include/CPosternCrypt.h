#ifndef CPOSTERN_CRYPT_H
#define CPOSTERN_CRYPT_H
#endif
