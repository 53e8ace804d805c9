#include "CPosternHeap.h"

#include <malloc.h>

void postern_heap_keep(int kept, int mapped) {
    (void)mallopt(M_TRIM_THRESHOLD, kept);
    (void)mallopt(M_MMAP_THRESHOLD, mapped);
}
