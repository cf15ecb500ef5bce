//! Damage is found before it is believed.
