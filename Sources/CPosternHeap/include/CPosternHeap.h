#ifndef CPOSTERN_HEAP_H
#define CPOSTERN_HEAP_H

/// Sets when the C library's allocator gives memory back to the system (mallopt(3), which Swift's own module of the C
/// library does not have).
///
/// - `kept`: octets that may stay free at the end of each heap.
/// - `mapped`: octets from which on an allocation is mapped by itself, and given back when it is freed.
void postern_heap_keep(int kept, int mapped);

#endif
