import CPosternHeap

/// When the C library's allocator gives memory back to the system.
enum HeapSettings {
    /// Octets that stay at the end of each heap, free, instead of being given back at once.
    private static let kept: Int32 = 8 << 20
    /// Octets from which on an allocation is mapped by itself, and given back when it is freed.
    private static let mapped: Int32 = 1 << 20

    /// Each commit takes some hundred KiB and frees them. With the thresholds that the library begins with, 128 KiB, these
    /// pages go back to the system after each, to be mapped and zeroed again for the next: a twentieth of the processor
    /// time that a message takes.
    static func set() {
        postern_heap_keep(kept, mapped)
    }
}
