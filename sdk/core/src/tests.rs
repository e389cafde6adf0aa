//! Properties of the small modules that single examples do not show.

mod draws;
mod edges;
mod stakes;
mod standing;
mod upkeep;
