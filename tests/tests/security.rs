//! What an attacker would try with any instruction, tried with every instruction.

mod security {
    mod accounts;
    mod beside;
    mod crowd;
    mod free;
    mod happy;
    mod misuse;
    mod prefunded;
    mod privileges;
    mod revival;
    mod stages;
    mod substitutes;
    mod tokens;
}
