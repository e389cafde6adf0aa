//! What an attacker would try with any instruction, tried with every instruction.

mod security {
    mod accounts;
    mod happy;
    mod privileges;
    mod revival;
}
