//! The trap that LLVM emits for unreachable code, which upstream compilers leave to the program.

unsafe extern "C" {
    fn abort() -> !;
}

/// Ends the program through the runtime's `abort` syscall.
#[unsafe(no_mangle)]
extern "C" fn __bpf_trap() -> ! {
    // SAFETY: the syscall takes nothing and does not return.
    unsafe { abort() }
}
