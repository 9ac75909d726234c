//! What the npm package's module has in place of the standard library: an allocator and a panic handler.
//!
//! The standard allocator and the words of panics would be half of what a page downloads.

use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32;
use core::cell::Cell;
use core::panic::PanicInfo;
use core::ptr::NonNull;

const PAGE: usize = 65536;
/// The smallest block, `2^4` bytes; every block is aligned to it.
const SMALLEST: u32 = 4;
/// Blocks of `2^4` to `2^31` bytes.
const SIZES: usize = 28;

/// Memory in blocks of powers of two. A block that is freed is kept for the next of its size.
///
/// A connection takes a few blocks of the same few sizes as every other; payloads take none.
struct Blocks {
    /// The free blocks of each size, each linked to the next.
    free: [Cell<Option<NonNull<u8>>>; SIZES],
    /// Memory that was never handed out, up to `end`.
    fresh: Cell<usize>,
    end: Cell<usize>,
}

// SAFETY: the module has one thread: it is built without atomics, and its memory is not shared.
unsafe impl Sync for Blocks {}

#[global_allocator]
static BLOCKS: Blocks = Blocks { free: [const { Cell::new(None) }; SIZES], fresh: Cell::new(0), end: Cell::new(0) };

impl Blocks {
    /// The power of two that a layout takes.
    fn power(layout: Layout) -> u32 {
        let bytes = layout.size().max(layout.align()).max(1 << SMALLEST);
        usize::BITS - (bytes - 1).leading_zeros()
    }

    /// The free blocks of a power of two.
    fn list(&self, power: u32) -> &Cell<Option<NonNull<u8>>> {
        // A larger block than the largest there can be traps.
        self.free.get((power - SMALLEST) as usize).unwrap_or_else(|| wasm32::unreachable())
    }

    /// A block; where there is none, the module traps.
    ///
    /// Kept apart, so that the compiler sees that it is never null, and leaves out what would come of that.
    #[inline(never)]
    fn take(&self, power: u32) -> NonNull<u8> {
        let list = self.list(power);
        if let Some(block) = list.get() {
            // SAFETY: a free block holds the address of the next.
            list.set(unsafe { block.cast().read() });
            return block;
        }
        let bytes = 1 << power;
        if self.end.get() - self.fresh.get() < bytes {
            let pages = bytes.div_ceil(PAGE);
            let before = wasm32::memory_grow::<0>(pages);
            // What is left of the last growth is used up first where this one follows it.
            if self.end.get() != before.wrapping_mul(PAGE) {
                self.fresh.set(before.wrapping_mul(PAGE));
            }
            self.end.set(before.wrapping_add(pages).wrapping_mul(PAGE));
            if before == usize::MAX {
                wasm32::unreachable();
            }
        }
        let block = self.fresh.get();
        self.fresh.set(block + bytes);
        NonNull::new(block as *mut u8).unwrap_or_else(|| wasm32::unreachable())
    }
}

// SAFETY: a block is at least as large as its layout asks, aligned to 16 bytes (no type here asks for more), and in
// one hand at a time: it is either fresh, in the list of its size, or handed out.
unsafe impl GlobalAlloc for Blocks {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.take(Self::power(layout)).as_ptr()
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let list = self.list(Self::power(layout));
        let block = NonNull::new(block);
        if let Some(block) = block {
            // SAFETY: the block is free, and large enough for an address.
            unsafe { block.cast().write(list.get()) };
        }
        list.set(block);
    }
}

#[panic_handler]
fn panic(_: &PanicInfo) -> ! {
    wasm32::unreachable()
}
