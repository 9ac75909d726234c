//! What the npm package's module has in place of the standard library: a panic handler. It allocates nothing.

use core::arch::wasm32;
use core::panic::PanicInfo;

#[panic_handler]
fn panic(_: &PanicInfo) -> ! {
    wasm32::unreachable()
}
