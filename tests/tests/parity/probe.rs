use super::native_and_sbpf as n;
#[test]
fn probe() {
    n::probe();
}
