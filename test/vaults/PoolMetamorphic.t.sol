// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MarketParams} from "../../contracts/types/MarketParams.sol";
import {PoolFixture} from "../shared/PoolFixture.sol";

/// @notice The pool against itself: the same acts in another order, in parts, ten times as large, later.
contract PoolMetamorphicTest is PoolFixture {
    /// @param worth Of all that a provider has: tokens, claims, shares at the middle of the band.
    struct Estate {
        uint256 tokens;
        uint256 shares;
        uint256 pending;
        uint256 cancelled;
        uint256 claimable;
        uint256 worth;
    }

    /// @dev What all amounts are multiplied by.
    uint256 private _scale = 1;

    address private _ann = makeAddr("ann");
    address private _ben = makeAddr("ben");
    address private _holder = makeAddr("holder");
    address private _trader = makeAddr("trader");

    function _params() internal view override returns (MarketParams memory p) {
        p = super._params();
        p.insuranceTarget = uint128(50_000 * unit * _scale);
        p.depth = uint128(50_000e18 * _scale);
        p.minNotional = uint128(50 * unit * _scale);
        p.minKeeperReward = uint128(2 * unit * _scale);
        p.maxKeeperReward = uint128(200 * unit * _scale);
        p.depositCap = uint128(100_000_000 * unit * _scale);
    }

    /// @dev A market with a position whose price has moved, two providers with something of everything, and a batch that
    /// waits.
    function _world(uint256 seed) private {
        _deployMarket(6, PRICE);
        _deposit(_holder, 10_000_000.123457e6 * _scale);
        _deposit(_ann, 1_500_000.654321e6 * _scale);
        _deposit(_ben, 700_000.000001e6 * _scale);
        // At most 65 % of the pool, either way.
        int256 size = int256(100e18 + (seed % 3_500e18)) * int256(_scale);
        _open(_trader, seed % 2 == 0 ? size : -size, 20_000_000e6 * _scale);
        uint256 price = 1_900e18 + ((seed >> 128) % 200e10) * 1e8;
        _observe(price);
        _requestRedeem(_holder, 1e15 * _scale);
        _requestRedeem(_ann, 200_000e12 * _scale);
        _requestRedeem(_ben, 100_000e12 * _scale);
        _fulfillAt(price);
        _fulfillAt(price);
        _requestRedeem(_holder, 1e15 * _scale);
        _requestRedeem(_ann, 50_000e12 * _scale);
        _requestRedeem(_ben, 60_000e12 * _scale);
        _fund(_ann, 10_000_000e6 * _scale);
        _fund(_ben, 10_000_000e6 * _scale);
    }

    /* ORDER */

    /// @notice Two providers' acts at one price in either order leave both with the same, but for the premium of a
    /// deposit, which goes to those who hold then: at most the band's share of that deposit. Without a band it is the
    /// same to a few units.
    /// hardhat-config: fuzz.runs = 150
    function testFuzz_orderOfTwoProvidersMattersToNeither(
        uint256 seed,
        uint256 x,
        uint256 y,
        uint256 first,
        uint256 second
    ) public {
        if (seed % 4 < 2) _band = 0;
        _world(seed >> 2);
        (uint256 low, uint256 high) = _bandAt(_indexPrice());
        uint256 deposited;
        if (first % 6 == 0) deposited += x = _bound(x, 1e6, 5_000_000e6);
        if (second % 6 == 0) deposited += y = _bound(y, 1e6, 5_000_000e6);
        uint256 state = vm.snapshotState();
        _act(_ann, first, x);
        _act(_ben, second, y);
        (Estate memory a, Estate memory b) = (_estate(_ann), _estate(_ben));
        vm.revertToState(state);
        _act(_ben, second, y);
        _act(_ann, first, x);
        // Half the band is what a deposit pays over the middle; a few units more for rounding.
        uint256 most = 3 + (deposited * (high - low)) / high;
        _assertSame(a, _estate(_ann), most, deposited == 0);
        _assertSame(b, _estate(_ben), most, deposited == 0);
    }

    /// @notice Before or after a batch is redeemed differs by the batch's premium and the deposit's own, no more.
    /// hardhat-config: fuzz.runs = 100
    function testFuzz_aDepositBeforeOrAfterABatchDiffersByThePremiumOnly(uint256 seed, uint256 x) public {
        _world(seed);
        x = _bound(x, 1e6, 5_000_000e6);
        _observeAt(pool.fulfillableFrom() + 1, _indexPrice());
        (uint256 low, uint256 high) = _bandAt(_indexPrice());
        uint256 state = vm.snapshotState();
        _act(_ann, 0, x);
        pool.fulfillRedeems();
        uint256 before = _estate(_ann).worth;
        vm.revertToState(state);
        (, uint256 paid) = pool.fulfillRedeems();
        _act(_ann, 0, x);
        uint256 afterwards = _estate(_ann).worth;
        assertApproxEqAbs(
            before,
            afterwards,
            3 + ((x + paid) * (high - low)) / high,
            "more than the premiums"
        );
    }

    /// @dev One act: deposit, request, cancel, claim all, claim by assets, claim by shares. `amount` is bounded by what there is.
    function _act(address who, uint256 kind, uint256 amount) private {
        vm.startPrank(who);
        kind %= 6;
        if (kind == 0) {
            pool.deposit(amount, who);
        } else if (kind == 1) {
            pool.requestRedeem(_bound(amount, 1, pool.balanceOf(who)), who, who);
        } else if (kind == 2) {
            pool.cancelRedeemRequest(0, who);
            pool.claimCancelRedeemRequest(0, who, who);
        } else if (kind == 3) {
            pool.redeem(pool.maxRedeem(who), who, who);
        } else if (kind == 4) {
            pool.withdraw(_bound(amount, 0, pool.maxWithdraw(who)), who, who);
        } else {
            pool.redeem(_bound(amount, 0, pool.maxRedeem(who)), who, who);
        }
        vm.stopPrank();
    }

    function _estate(address who) private view returns (Estate memory e) {
        e.tokens = token.balanceOf(who);
        e.shares = pool.balanceOf(who);
        e.pending = pool.pendingRedeemRequest(0, who);
        e.cancelled = pool.claimableCancelRedeemRequest(0, who);
        e.claimable = pool.maxWithdraw(who);
        e.worth = e.tokens + e.claimable + _worth(e.shares + e.pending + e.cancelled);
    }

    function _assertSame(Estate memory a, Estate memory b, uint256 most, bool sameShares) private pure {
        assertEq(a.tokens, b.tokens, "tokens");
        assertEq(a.pending, b.pending, "pending");
        assertEq(a.cancelled, b.cancelled, "cancelled");
        assertEq(a.claimable, b.claimable, "claimable");
        assertApproxEqAbs(a.worth, b.worth, most, "worth");
        if (sameShares) assertEq(a.shares, b.shares, "shares");
    }

    /* PARTS */

    /// @notice A deposit in parts gives no more shares than in one, and hardly fewer.
    /// hardhat-config: fuzz.runs = 150
    function testFuzz_aDepositInPartsGivesNoMore(uint256 seed, uint256 x, uint256 parts) public {
        _world(seed);
        x = _bound(x, 100, 5_000_000e6);
        parts = _bound(parts, 2, 12);
        uint256 state = vm.snapshotState();
        vm.prank(_ann);
        uint256 whole = pool.deposit(x, _ann);
        vm.revertToState(state);
        uint256 sum;
        uint256 rest = x;
        for (uint256 i; i < parts; ++i) {
            uint256 part = i + 1 == parts ? rest : x / parts;
            rest -= part;
            vm.prank(_ann);
            sum += pool.deposit(part, _ann);
        }
        assertLe(sum, whole, "more");
        // Each part is rounded down to a share, and to a unit in the value after it: 10^-12 of a share's worth of others.
        assertGe(sum + parts + whole / 1e9, whole, "less");
    }

    /// @notice Requests and claims in parts, by one controller or by several, bring no more than in one.
    /// hardhat-config: fuzz.runs = 100
    function testFuzz_aRedemptionInPartsBringsNoMore(
        uint256 seed,
        uint256 x,
        uint256 parts,
        bool several
    ) public {
        _world(seed);
        x = _bound(x, 1e6, pool.balanceOf(_ann));
        parts = _bound(parts, 2, 9);
        uint256 price = _indexPrice();
        uint256 state = vm.snapshotState();
        _requestRedeem(_ann, x);
        _fulfillAt(price);
        _fulfillAt(price);
        uint256 whole = _claim(_ann);
        vm.revertToState(state);
        for (uint256 i; i < parts; ++i) {
            uint256 part = i + 1 == parts ? x - (x / parts) * i : x / parts;
            if (part == 0) continue;
            vm.prank(_ann);
            pool.requestRedeem(part, several ? address(uint160(0xa00 + i)) : _ann, _ann);
        }
        _fulfillAt(price);
        _fulfillAt(price);
        uint256 sum = _claimInParts(_ann, seed);
        for (uint256 i; several && i < parts; ++i) sum += _claimInParts(address(uint160(0xa00 + i)), seed);
        // What several get is rounded down for each; nobody gets what rounding took from others but the last of all.
        assertLe(sum, whole, "more");
        assertGe(sum + parts, whole, "less");
    }

    /// @dev Claims part by part until nothing is left.
    function _claimInParts(address who, uint256 seed) private returns (uint256 sum) {
        for (uint256 i; i < 5; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, who, i)));
            uint256 before = token.balanceOf(who);
            vm.startPrank(who);
            if (i == 4) pool.redeem(pool.maxRedeem(who), who, who);
            else if (random % 2 == 0) _withdrawPart(who, (random >> 8) % (pool.maxWithdraw(who) + 1));
            else pool.redeem((random >> 8) % (pool.maxRedeem(who) + 1), who, who);
            vm.stopPrank();
            sum += token.balanceOf(who) - before;
        }
        // What rounding up the shares of a part has left over.
        uint256 rest = pool.maxWithdraw(who);
        vm.prank(who);
        pool.withdraw(rest, who, who);
        sum += rest;
        assertEq(pool.maxRedeem(who), 0, "shares without assets");
    }

    /// @dev At least as great a part of the shares goes as of the assets.
    function _withdrawPart(address who, uint256 assets) private {
        (uint256 allShares, uint256 allAssets) = (pool.maxRedeem(who), pool.maxWithdraw(who));
        uint256 shares = pool.withdraw(assets, who, who);
        assertGe(shares * allAssets, allShares * assets, "too few shares");
        assertEq(pool.maxRedeem(who), allShares - shares, "shares left");
    }

    /* VALUE */

    /// @notice At one price and without carry, nothing that providers and donors do lowers what a share is worth, nor does
    /// the market's moving of money between cash and claim.
    /// hardhat-config: fuzz.runs = 80
    function testFuzz_aShareFallsThroughNothingButTheMarket(uint256 seed) public {
        _world(seed);
        _fund(_holder, 100_000_000e6);
        _fund(treasury, 200_000e6);
        vm.prank(treasury);
        insurance.donate(55_000e6);
        uint256 price = _indexPrice();
        for (uint256 i; i < 50; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            (int256 value, uint256 shares) = (pool.netAssetValue(price), pool.totalSupply() + VIRTUAL);
            uint256 owed = pool.maxWithdraw(_ann) + pool.maxWithdraw(_ben);
            uint256 kind = random % 12;
            _disturb(kind, random >> 8, price);
            assertGe(
                (pool.netAssetValue(price) + 1) * int256(shares),
                (value + 1) * int256(pool.totalSupply() + VIRTUAL),
                "a share fell"
            );
            // What was redeemed is fixed.
            if (kind > 5) assertGe(pool.maxWithdraw(_ann) + pool.maxWithdraw(_ben), owed, "claims");
            assertGe(token.balanceOf(address(pool)), pool.cash() + pool.reservedAssets(), "held");
        }
    }

    function _disturb(uint256 kind, uint256 random, uint256 price) private {
        address who = random % 2 == 0 ? _ann : _ben;
        uint256 amount = 1 + ((random >> 8) % 10 ** (1 + ((random >> 128) % 11)));
        if (kind < 6) {
            if (kind == 1 && pool.balanceOf(who) == 0) return;
            if (kind == 2 && (pool.pendingRedeemRequest(0, who) == 0 || pool.isFulfillable())) return;
            if (kind == 0 && pool.previewDeposit(amount) == 0) return;
            if (kind == 0 && amount > token.balanceOf(who)) return;
            _act(who, kind, amount);
        } else if (kind == 6) {
            _observeAt(vm.getBlockTimestamp() + REDEMPTION_PERIOD, price);
            if (pool.isFulfillable()) pool.fulfillRedeems();
        } else if (kind == 7) {
            vm.startPrank(_holder);
            if (random % 3 == 0) token.transfer(address(pool), amount % 1e9);
            else if (random % 3 == 1) vault.fund(address(pool), amount % 1e9);
            else token.transfer(address(vault), amount % 1e9);
            vm.stopPrank();
            vault.skim();
        } else if (kind == 8) {
            vm.prank(treasury);
            insurance.donate(1 + (amount % 1_000e6));
        } else if (kind == 9) {
            insurance.releaseSurplus();
        } else if (kind == 10) {
            pool.collect();
        } else {
            // As the market does for a payout.
            uint256 cash = pool.cash() / 64;
            vm.prank(address(pool));
            market.takePoolCash(cash);
            vm.prank(address(market));
            pool.provide(cash);
        }
    }

    /* SCALE */

    /// @notice Ten times all amounts gives ten times the results.
    /// hardhat-config: fuzz.runs = 60
    function testFuzz_tenTimesTheAmountsTenTimesTheResults(uint256 seed, uint256 x, uint256 y) public {
        x = _bound(x, 1e6, 5_000_000e6);
        y = _bound(y, 1e6, 500_000e12);
        uint256[6] memory once = _figures(seed, x, y);
        _scale = 10;
        uint256[6] memory tenfold = _figures(seed, x, y);
        for (uint256 i; i < 6; ++i) {
            // A unit of rounding in a value of 10^13 units is a share's 10^-13; both add up over a few steps.
            uint256 most = 100 + tenfold[i] / 1e11;
            assertApproxEqAbs(tenfold[i], 10 * once[i], most, "not ten times");
        }
    }

    function _figures(uint256 seed, uint256 x, uint256 y) private returns (uint256[6] memory f) {
        _world(seed);
        f[0] = _deposit(_ben, x * _scale);
        _requestRedeem(_ann, y * _scale);
        _fulfillAt(_indexPrice());
        (f[1], f[2]) = _fulfillAt(_indexPrice());
        f[3] = _claim(_ann);
        f[4] = pool.totalSupply();
        f[5] = _value(_indexPrice());
    }

    /* TIME */

    /// @notice While nobody trades, neither time nor price changes anything: value, prices, what is pending and owed.
    /// hardhat-config: fuzz.runs = 100
    function testFuzz_waitingAloneChangesNothing(uint256 seed, uint256 wait, uint256 price) public {
        _hasCarry = true;
        _deployMarket(6, PRICE);
        _deposit(_ann, 1_000_000.654321e6);
        _deposit(_ben, 500_000.000003e6);
        vm.prank(_ben);
        token.approve(address(vault), type(uint256).max);
        token.mint(_ben, 777.777777e6);
        vm.prank(_ben);
        vault.fund(address(pool), 777.777777e6);
        _requestRedeem(_ann, 1e15 + (seed % 1e17));
        _requestRedeem(_ben, 3e15);
        _fulfillAt(PRICE);
        bytes32 before = _all();
        for (uint256 i; i < 5; ++i) {
            wait = uint256(keccak256(abi.encode(wait)));
            _observeAt(
                vm.getBlockTimestamp() + 1 + (wait % 30 days),
                100e18 + (uint256(keccak256(abi.encode(price, i))) % 9_000e18)
            );
            if (wait % 2 == 0) market.accrue();
            assertEq(_all(), before, "something changed");
        }
    }

    function _all() private view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    pool.totalAssets(),
                    pool.totalSupply(),
                    pool.previewDeposit(1e6),
                    pool.previewMint(1e12),
                    pool.maxDeposit(_ann),
                    _estate(_ann),
                    _estate(_ben),
                    pool.reservedAssets(),
                    pool.poolAssets()
                )
            );
    }
}
