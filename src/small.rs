//! The allocator of the npm package's module: the standard library's is a fifth of what a page would download.

use lol_alloc::{AssumeSingleThreaded, FreeListAllocator};

// SAFETY: the module has one thread: it is built without atomics, and its memory is not shared.
#[global_allocator]
static ALLOCATOR: AssumeSingleThreaded<FreeListAllocator> =
    unsafe { AssumeSingleThreaded::new(FreeListAllocator::new()) };
